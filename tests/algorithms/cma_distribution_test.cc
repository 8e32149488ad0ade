// CMA-ES updates against the tutorial's equations written out a second time, with plain loops.
#include "algorithms/cmaes/cma_distribution.h"

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <vector>

#include "algorithms/counter_rng.h"

namespace mizan::algorithms {
namespace {

using Row = std::vector<double>;
using Matrix = std::vector<Row>;

// arXiv:1604.00772, appendix A, in the notation of its table 1 and figure 6.
struct Textbook {
  int n, lambda, mu;
  Row w, m, ps, pc;
  double mueff, cs, ds, cc, c1, cmu, sigma;
  Matrix C;
  int g = 0;

  Textbook(Row mean, double step, int population)
      : n(static_cast<int>(mean.size())),
        lambda(population),
        mu(population / 2),
        m(std::move(mean)),
        sigma(step) {
    const auto size = static_cast<std::size_t>(n);
    ps.assign(size, 0);
    pc.assign(size, 0);
    C.assign(size, Row(size, 0));
    for (std::size_t i = 0; i < size; ++i) C[i][i] = 1;
    for (int i = 1; i <= lambda; ++i) w.push_back(std::log((lambda + 1) / 2.0) - std::log(i));
    double plus = 0, plus2 = 0, minus = 0, minus2 = 0;
    for (int i = 0; i < lambda; ++i) {
      const double v = w[static_cast<std::size_t>(i)];
      (i < mu ? plus : minus) += v;
      (i < mu ? plus2 : minus2) += v * v;
    }
    mueff = plus * plus / plus2;
    const double mueffminus = minus * minus / minus2;
    c1 = 2 / (std::pow(n + 1.3, 2) + mueff);
    cmu = std::min(1 - c1 - 1e-8,
                   2 * (0.25 + mueff + 1 / mueff - 2) / (std::pow(n + 2, 2) + 2 * mueff / 2));
    const double alpha =
        std::min({1 + c1 / cmu, 1 + 2 * mueffminus / (mueffminus + 2), (1 - c1 - cmu) / (n * cmu)});
    for (double& v : w) v = v >= 0 ? v / plus : alpha * v / -minus;
    cs = (mueff + 2) / (n + mueff + 5);
    ds = 1 + 2 * std::max(0.0, std::sqrt((mueff - 1) / (n + 1)) - 1) + cs;
    cc = (4 + mueff / n) / (n + 4 + 2 * mueff / n);
  }

  Matrix inverse_root() const {
    Eigen::MatrixXd c(n, n);
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n; ++j)
        c(i, j) = C[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
    }
    const Eigen::MatrixXd root =
        Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(c).operatorInverseSqrt();
    Matrix out = C;
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n; ++j)
        out[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)] = root(i, j);
    }
    return out;
  }

  static Row times(const Matrix& a, const Row& x) {
    Row y(x.size(), 0);
    for (std::size_t i = 0; i < x.size(); ++i) {
      for (std::size_t j = 0; j < x.size(); ++j) y[i] += a[i][j] * x[j];
    }
    return y;
  }
  static double norm(const Row& x) {
    double sum = 0;
    for (const double v : x) sum += v * v;
    return std::sqrt(sum);
  }

  void step(const Matrix& points) {
    const auto size = static_cast<std::size_t>(n);
    const Matrix root = inverse_root();
    Matrix y = points;
    for (Row& row : y) {
      for (std::size_t j = 0; j < size; ++j) row[j] = (row[j] - m[j]) / sigma;
    }
    Row yw(size, 0);
    for (std::size_t i = 0; i < static_cast<std::size_t>(mu); ++i) {
      for (std::size_t j = 0; j < size; ++j) yw[j] += w[i] * y[i][j];
    }
    for (std::size_t j = 0; j < size; ++j) m[j] += sigma * yw[j];
    const Row white = times(root, yw);
    for (std::size_t j = 0; j < size; ++j)
      ps[j] = (1 - cs) * ps[j] + std::sqrt(cs * (2 - cs) * mueff) * white[j];
    ++g;
    const double chi = std::sqrt(n) * (1 - 1.0 / (4 * n) + 1.0 / (21.0 * n * n));
    const bool h = norm(ps) / std::sqrt(1 - std::pow(1 - cs, 2 * g)) < (1.4 + 2.0 / (n + 1)) * chi;
    for (std::size_t j = 0; j < size; ++j)
      pc[j] = (1 - cc) * pc[j] + (h ? std::sqrt(cc * (2 - cc) * mueff) * yw[j] : 0);
    double sum = 0;
    for (const double v : w) sum += v;
    const double keep = 1 + c1 * (h ? 0 : cc * (2 - cc)) - c1 - cmu * sum;
    Row used = w;
    for (std::size_t i = 0; i < used.size(); ++i) {
      if (used[i] < 0) used[i] *= n / std::pow(norm(times(root, y[i])), 2);
    }
    for (std::size_t a = 0; a < size; ++a) {
      for (std::size_t b = 0; b < size; ++b) {
        double rank_mu = 0;
        for (std::size_t i = 0; i < used.size(); ++i) rank_mu += used[i] * y[i][a] * y[i][b];
        C[a][b] = keep * C[a][b] + c1 * pc[a] * pc[b] + cmu * rank_mu;
      }
    }
    sigma *= std::exp(cs / ds * (norm(ps) / chi - 1));
  }
};

TEST(CmaDistributionTest, FollowsTheTutorialsEquationsForManyGenerations) {
  for (const int n : {1, 2, 5}) {
    const int lambda = 6;
    CmaDistribution ours(Eigen::VectorXd::Constant(n, 0.5), 0.2, lambda);
    Textbook book(Row(static_cast<std::size_t>(n), 0.5), 0.2, lambda);
    CounterRng rng(11, static_cast<std::uint64_t>(n), Purpose::kSample);
    for (int generation = 0; generation < 12; ++generation) {
      Eigen::MatrixXd points(n, lambda);
      Matrix rows;
      for (int i = 0; i < lambda; ++i) {
        Eigen::VectorXd z(n);
        for (double& v : z) v = 0.7 * rng.normal();  // short enough never to be shortened
        points.col(i) = ours.at(z);
        rows.emplace_back(points.col(i).data(), points.col(i).data() + n);
      }
      ours.update(points);
      book.step(rows);

      EXPECT_NEAR(ours.sigma(), book.sigma, 1e-9 * book.sigma) << n << " " << generation;
      for (int i = 0; i < n; ++i) {
        EXPECT_NEAR(ours.mean()[i], book.m[static_cast<std::size_t>(i)], 1e-9);
        for (int j = 0; j < n; ++j)
          EXPECT_NEAR(ours.covariance()(i, j),
                      book.C[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)], 1e-8);
      }
    }
  }
}

// Table 1 of the tutorial for n = 10, lambda = 10: worked by hand with a calculator.
TEST(CmaDistributionTest, HasTheTutorialsConstants) {
  const CmaConstants c = CmaConstants::make(10, 10, false);
  EXPECT_EQ(c.parents, 5U);
  EXPECT_NEAR(c.weights.head(5).sum(), 1, 1e-12);
  EXPECT_NEAR(c.weights[0], 0.45627, 1e-5);
  EXPECT_NEAR(c.mu_eff, 3.16730, 1e-5);
  EXPECT_NEAR(c.c_sigma, 0.284429, 1e-6);
  EXPECT_NEAR(c.chi, 3.08473, 1e-5);
  EXPECT_LT(c.weights[9], 0);
}

TEST(CmaDistributionTest, SolvesABadlyScaledRotatedBowl) {
  const Eigen::Index n = 6;
  CounterRng rng(3, 0, Purpose::kSample);
  Eigen::MatrixXd raw(n, n);
  for (double& v : raw.reshaped()) v = rng.normal();
  const Eigen::MatrixXd rotation =
      Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(raw + raw.transpose()).eigenvectors();
  const auto loss = [&](const Eigen::VectorXd& x) {
    const Eigen::VectorXd y = rotation * (x.array() - 0.3).matrix();
    double sum = 0;
    for (Eigen::Index i = 0; i < n; ++i)
      sum += std::pow(1e6, static_cast<double>(i) / (n - 1)) * y[i] * y[i];
    return sum;
  };
  CmaDistribution search(Eigen::VectorXd::Constant(n, 0.5), 0.2, 9);
  double best = 1e9;
  for (int generation = 0; generation < 500; ++generation) {
    std::vector<std::pair<double, Eigen::VectorXd>> members;
    for (int i = 0; i < 9; ++i) {
      Eigen::VectorXd z(n);
      for (double& v : z) v = rng.normal();
      const Eigen::VectorXd x = search.at(z);
      members.emplace_back(loss(x), x);
    }
    std::sort(members.begin(), members.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    Eigen::MatrixXd points(n, 9);
    for (Eigen::Index i = 0; i < 9; ++i)
      points.col(i) = members[static_cast<std::size_t>(i)].second;
    best = std::min(best, members[0].first);
    search.update(points);
  }
  EXPECT_LT(best, 1e-9);
}

TEST(CmaDistributionTest, ShortensPointsFromElsewhereInsteadOfJumpingToThem) {
  CmaDistribution search(Eigen::VectorXd::Constant(2, 0.5), 1e-6, 6);
  Eigen::MatrixXd far = Eigen::MatrixXd::Zero(2, 6);
  search.update(far);
  EXPECT_NEAR(search.mean()[0], 0.5, 1e-5);
  EXPECT_LT(search.sigma(), 1e-5);
}

TEST(CmaDistributionTest, KeepsADiagonalBeyondAHundredDimensions) {
  CmaDistribution search(Eigen::VectorXd::Constant(150, 0.5), 0.2, 8);
  CounterRng rng(5, 0, Purpose::kSample);
  for (int generation = 0; generation < 3; ++generation) {
    Eigen::MatrixXd points(150, 8);
    for (Eigen::Index i = 0; i < 8; ++i) {
      Eigen::VectorXd z(150);
      for (double& v : z) v = rng.normal();
      points.col(i) = search.at(z);
    }
    search.update(points);
  }
  Eigen::MatrixXd off = search.covariance();
  off.diagonal().setZero();
  EXPECT_EQ(off.cwiseAbs().maxCoeff(), 0);
  EXPECT_TRUE(search.mean().allFinite());
}

}  // namespace
}  // namespace mizan::algorithms

// The parts of the Gaussian process against values worked out with mpmath 1.3 at 40 digits from the
// definitions in the headers, and gradients against finite differences.
#include "algorithms/bayes/gaussian_process.h"

#include <gtest/gtest.h>

#include <cmath>

#include "algorithms/bayes/acquisition.h"
#include "algorithms/bayes/fit_hyperparameters.h"
#include "algorithms/bayes/sample_hyperparameters.h"
#include "algorithms/counter_rng.h"

namespace mizan::algorithms {
namespace {

const FeatureKinds kMixed = {false, true};

Hyperparameters golden_hyper() {
  return {Eigen::Vector2d(std::log(0.3), std::log(2.0)), std::log(1.5), std::log(0.01)};
}
Features golden_x() {
  Features x(3, 2);
  x << 0.1, 0, 0.4, 1, 0.9, 0;
  return x;
}

struct Sample {
  Features x;
  Eigen::VectorXd y;
  FeatureKinds kinds;
};
Sample random_sample(Eigen::Index n, Eigen::Index features, std::uint64_t seed) {
  CounterRng rng(seed, 0, Purpose::kSample);
  Sample s{Features(n, features), Eigen::VectorXd(n),
           FeatureKinds(static_cast<std::size_t>(features), false)};
  s.kinds.back() = true;
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index d = 0; d < features; ++d)
      s.x(i, d) = d + 1 == features ? static_cast<double>(rng.below(3)) : rng.uniform();
    s.y[i] = std::sin(6 * s.x(i, 0)) + 0.3 * s.x(i, features - 1) + 0.05 * rng.normal();
  }
  s.y.array() -= s.y.mean();
  return s;
}

TEST(KernelTest, IsMaternFiveHalvesWithItsSlopeAlsoAtZero) {
  Eigen::ArrayXXd s(4, 1);
  s << 0, 0.01, 1, 9;
  const Eigen::ArrayXXd k = matern52(s), slope = matern52_slope(s);
  const double want[4] = {1, 0.991759236171177622, 0.523994108831820311, 0.027723421914625811};
  const double want_slope[4] = {-0.833333333333333333, -0.815360065022133637, -0.288220193942647827,
                                -0.00784216541519088579};
  for (Eigen::Index i = 0; i < 4; ++i) {
    EXPECT_NEAR(k(i, 0), want[i], 1e-15);
    EXPECT_NEAR(slope(i, 0), want_slope[i], 1e-15);
  }
}

TEST(KernelTest, TellsWhatAFeatureDoesAloneAtEveryLengthscale) {
  Eigen::ArrayXd values(4);
  values << 0, 0.3, 0.31, 1;
  for (const double lengthscale : {1e-6, 0.008, 0.3, 50.0}) {
    for (const bool is_category : {false, true}) {
      LoneFeature feature(values.head(3), is_category, std::log(lengthscale));
      feature.append(values[3]);
      for (const double z : {0.0, 0.3, 0.77}) {
        Eigen::ArrayXd k(3), slope;
        feature.against(z, 1, k, &slope);
        for (Eigen::Index i = 0; i < 3; ++i) {
          const double apart = values[i + 1] - z;
          Eigen::ArrayXXd s(1, 1);
          s << (is_category ? (apart == 0 ? 0.0 : 1.0) : apart * apart) /
                   (lengthscale * lengthscale);
          EXPECT_NEAR(k[i], matern52(s)(0, 0), 1e-13) << lengthscale << " " << z << " " << i;
          EXPECT_NEAR(slope[i], matern52_slope(s)(0, 0), 1e-13) << lengthscale << " " << z;
        }
      }
    }
  }
}

TEST(KernelTest, OfRowsAmongThemselvesIsTheLowerTriangleOfTheWhole) {
  const Sample sample = random_sample(12, 3, 6);
  for (const Additive& additive : {Additive{}, Additive{0, 2}}) {
    Hyperparameters hyper = default_hyperparameters(3);
    hyper.additive = additive;
    const Eigen::MatrixXd whole = kernel_matrix(sample.x, sample.x, sample.kinds, hyper);
    const Eigen::MatrixXd lower = kernel_matrix(sample.x, sample.kinds, hyper);
    const Eigen::MatrixXd want = whole.triangularView<Eigen::Lower>();
    EXPECT_LT((lower - want).cwiseAbs().maxCoeff(), 1e-14);
  }
}

TEST(GaussianProcessTest, GivesTheGoldenLikelihoodMeanAndDeviation) {
  const auto gp =
      GaussianProcess::make(golden_x(), Eigen::Vector3d(0.5, -1, 0.25), kMixed, golden_hyper());
  ASSERT_TRUE(gp.has_value());
  EXPECT_NEAR(gp->log_likelihood(), -4.03714261265467322, 1e-13);
  const Prediction p = gp->predict(Eigen::Vector2d(0.5, 0));
  EXPECT_NEAR(p.mean, -0.65713963153019322, 1e-13);
  EXPECT_NEAR(p.sd, 0.747968726029564086, 1e-13);
}

TEST(GaussianProcessTest, GivesTheGoldenNumbersWithFeaturesThatAlsoActAlone) {  // with 50 decimals
  Hyperparameters hyper = golden_hyper();
  hyper.additive = {0, 1};
  const auto gp = GaussianProcess::make(golden_x(), Eigen::Vector3d(0.5, -1, 0.25), kMixed, hyper);
  ASSERT_TRUE(gp.has_value());
  EXPECT_NEAR(gp->log_likelihood(), -4.06427772950807039, 1e-13);
  const Prediction p = gp->predict(Eigen::Vector2d(0.5, 0));
  EXPECT_NEAR(p.mean, -0.633676500293709530, 1e-13);
  EXPECT_NEAR(p.sd, 0.687868891123558052, 1e-13);
}

// With and without features that also act alone.
Hyperparameters usual(bool alone) {
  Hyperparameters hyper = default_hyperparameters(4);
  if (alone) hyper.additive = {0, 1, 3};
  return hyper;
}
class EitherKernel : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Product, EitherKernel, ::testing::Bool());

TEST_P(EitherKernel, PredictsManyPointsAsItPredictsOne) {
  const Sample s = random_sample(25, 4, 1);
  const auto gp = GaussianProcess::make(s.x, s.y, s.kinds, usual(GetParam()));
  const Sample other = random_sample(7, 4, 2);
  Eigen::VectorXd means, sds;
  gp->predict(other.x, means, sds);
  for (Eigen::Index i = 0; i < 7; ++i) {
    const Prediction p = gp->predict(Eigen::VectorXd(other.x.row(i).transpose()));
    EXPECT_NEAR(p.mean, means[i], 1e-11);
    EXPECT_NEAR(p.sd, sds[i], 1e-9);
  }
}

TEST_P(EitherKernel, HasTheSlopesOfItsPredictions) {
  const Sample s = random_sample(20, 4, 3);
  const auto gp = GaussianProcess::make(s.x, s.y, s.kinds, usual(GetParam()));
  const Eigen::VectorXd x = Eigen::Vector4d(0.3, 0.6, 0.45, 1);
  const Prediction p = gp->predict(x);
  for (Eigen::Index d = 0; d < 3; ++d) {
    Eigen::VectorXd up = x, down = x;
    up[d] += 1e-6;
    down[d] -= 1e-6;
    EXPECT_NEAR(p.mean_slope[d], (gp->predict(up).mean - gp->predict(down).mean) / 2e-6, 1e-6);
    EXPECT_NEAR(p.sd_slope[d], (gp->predict(up).sd - gp->predict(down).sd) / 2e-6, 1e-5);
  }
  EXPECT_EQ(p.mean_slope[3], 0) << "a category has no slope";
}

TEST(GaussianProcessTest, AppendsARowAsIfItHadBeenThereFromTheStart) {
  const Sample s = random_sample(15, 3, 4);
  Hyperparameters hyper = default_hyperparameters(3);
  hyper.additive = {1};
  auto grown = GaussianProcess::make(s.x.topRows(10), s.y.head(10), s.kinds, hyper);
  for (Eigen::Index i = 10; i < 15; ++i) grown->append(s.x.row(i).transpose(), s.y[i]);
  const auto whole = GaussianProcess::make(s.x, s.y, s.kinds, hyper);
  const Eigen::VectorXd x = Eigen::Vector3d(0.2, 0.7, 2);
  EXPECT_NEAR(grown->predict(x).mean, whole->predict(x).mean, 1e-10);
  EXPECT_NEAR(grown->predict(x).sd, whole->predict(x).sd, 1e-10);
  EXPECT_NEAR(grown->log_likelihood(), whole->log_likelihood(), 1e-9);
}

TEST(GaussianProcessTest, BelievesInPendingPointsWithoutMovingAnyMean) {
  const Sample s = random_sample(12, 3, 5);
  const auto before = GaussianProcess::make(s.x, s.y, s.kinds, default_hyperparameters(3));
  auto after = before;
  const Eigen::VectorXd pending = Eigen::Vector3d(0.05, 0.95, 1),
                        elsewhere = Eigen::Vector3d(0.2, 0.8, 1);
  after->believe(pending);
  EXPECT_NEAR(after->predict(elsewhere).mean, before->predict(elsewhere).mean, 1e-9);
  EXPECT_LT(after->predict(pending).sd, 0.3 * before->predict(pending).sd);
  EXPECT_LT(after->predict(elsewhere).sd, before->predict(elsewhere).sd);
}

TEST(GaussianProcessTest, TakesPointsOnTopOfEachOther) {
  Features x = Features::Constant(40, 2, 0.5);
  x.col(1).setZero();
  Hyperparameters hyper = golden_hyper();
  hyper.log_noise = -40;
  auto gp = GaussianProcess::make(x, Eigen::VectorXd::Constant(40, 1.0), kMixed, hyper);
  ASSERT_TRUE(gp.has_value());
  gp->believe(Eigen::Vector2d(0.5, 0));
  EXPECT_TRUE(std::isfinite(gp->predict(Eigen::Vector2d(0.5, 0)).mean));
  EXPECT_NEAR(gp->predict(Eigen::Vector2d(0.5, 0)).mean, 1, 1e-3);
}

TEST(FitHyperparametersTest, HasTheGradientOfItsPosterior) {
  const Sample s = random_sample(18, 4, 6);
  Eigen::VectorXd at = pack(default_hyperparameters(4));
  at << 0.3, -0.8, -0.2, 0.4, 0.25, -3.0;
  Eigen::VectorXd gradient, unused;
  negative_log_posterior(s.x, s.y, s.kinds, at, gradient);
  for (Eigen::Index i = 0; i < at.size(); ++i) {
    Eigen::VectorXd up = at, down = at;
    up[i] += 1e-5;
    down[i] -= 1e-5;
    const double slope = (negative_log_posterior(s.x, s.y, s.kinds, up, unused) -
                          negative_log_posterior(s.x, s.y, s.kinds, down, unused)) /
                         2e-5;
    EXPECT_NEAR(gradient[i], slope, 1e-6 * std::max(1.0, std::fabs(slope))) << i;
  }
}

TEST(FitHyperparametersTest, HasTheGradientWithFeaturesThatAlsoActAlone) {
  const Sample s = random_sample(18, 4, 6);
  const Additive alone = {0, 2, 3};
  Eigen::VectorXd at = pack(default_hyperparameters(4));
  at << 0.3, -0.8, -0.2, 0.4, 0.25, -3.0;
  Eigen::VectorXd gradient, unused;
  negative_log_posterior(s.x, s.y, s.kinds, at, gradient, alone);
  for (Eigen::Index i = 0; i < at.size(); ++i) {
    Eigen::VectorXd up = at, down = at;
    up[i] += 1e-5;
    down[i] -= 1e-5;
    const double slope = (negative_log_posterior(s.x, s.y, s.kinds, up, unused, alone) -
                          negative_log_posterior(s.x, s.y, s.kinds, down, unused, alone)) /
                         2e-5;
    EXPECT_NEAR(gradient[i], slope, 1e-6 * std::max(1.0, std::fabs(slope))) << i;
  }
}

TEST(FitHyperparametersTest, LetsFeaturesActAloneWhereTheResultsSaySo) {
  // A sum of effects, and a product of the same: only the first can be told from single effects.
  CounterRng rng(3, 0, Purpose::kSample);
  Features x(40, 4);
  Eigen::VectorXd sum(40), product(40);
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    for (Eigen::Index d = 0; d < 4; ++d) x(i, d) = rng.uniform();
    const Eigen::ArrayXd waves = (7 * x.row(i).array()).sin();
    sum[i] = waves.sum();
    product[i] = 4 * waves.prod();
  }
  const FeatureKinds numbers(4, false);
  const Additive all = {0, 1, 2, 3};
  const auto fit = [&](Eigen::VectorXd y) {
    y.array() -= y.mean();
    y /= std::sqrt(y.squaredNorm() / 40);
    return fit_hyperparameters(x, y, numbers, all);
  };
  EXPECT_EQ(fit(sum).additive, all);
  EXPECT_TRUE(fit(product).additive.empty());
}

TEST(FitHyperparametersTest, SeesWhichParameterMatters) {
  const Sample s = random_sample(40, 4, 7);
  const Hyperparameters fit = fit_hyperparameters(s.x, s.y, s.kinds);
  EXPECT_LT(fit.log_lengthscale[0], fit.log_lengthscale[1] - 0.5);
  EXPECT_LT(fit.log_lengthscale[0], fit.log_lengthscale[2] - 0.5);
  Eigen::VectorXd unused;
  EXPECT_LT(negative_log_posterior(s.x, s.y, s.kinds, pack(fit), unused),
            negative_log_posterior(s.x, s.y, s.kinds, pack(default_hyperparameters(4)), unused));
}

TEST(FitHyperparametersTest, SurvivesConstantValues) {
  Sample s = random_sample(20, 3, 8);
  s.y.setZero();
  const Hyperparameters fit = fit_hyperparameters(s.x, s.y, s.kinds);
  EXPECT_TRUE(pack(fit).allFinite());
}

TEST(SampleHyperparametersTest, DrawsFromThePosterior) {
  // The lengthscales of the two parameters that don't matter are free; that of the one that does
  // is held by the data.
  const Sample s = random_sample(40, 4, 7);
  const Hyperparameters fit = fit_hyperparameters(s.x, s.y, s.kinds);
  const auto samples = sample_hyperparameters(s.x, s.y, s.kinds, fit, 60);
  ASSERT_EQ(samples.size(), 60U);
  Eigen::ArrayXd first(60), second(60);
  for (Eigen::Index i = 0; i < 60; ++i) {
    ASSERT_TRUE(pack(samples[static_cast<std::size_t>(i)]).allFinite());
    first[i] = samples[static_cast<std::size_t>(i)].log_lengthscale[0];
    second[i] = samples[static_cast<std::size_t>(i)].log_lengthscale[1];
  }
  const auto deviation = [](const Eigen::ArrayXd& v) {
    return std::sqrt((v - v.mean()).square().mean());
  };
  EXPECT_LT(deviation(first), 0.7 * deviation(second));
  EXPECT_LT(first.mean(), second.mean() - 0.5);
  EXPECT_GT(deviation(second), 0.3);
}

TEST(AcquisitionTest, KeepsTheLogOfTheImprovementAndItsSlopeInTheTail) {
  const double golden[][3] = {{3, 1.0987396653277078, 0.33284096845179524},
                              {0, -0.91893853320467274, 1.2533141373155003},
                              {-1, -2.4851210257126413, 1.9042712333296918},
                              {-5, -16.74430116266099, 5.3618162412880885},
                              {-9.9, -54.538591240015212, 10.096238609788728},
                              {-10.1, -56.577468975612564, 10.292561325542938},
                              {-40, -808.29856835661996, 40.049906657648518},
                              {-1000, -500014.73445209116, 1000.001999994}};
  for (const auto& [z, value, slope] : golden) {
    double got_slope = 0;
    EXPECT_NEAR(log_improvement(z, got_slope), value, 2e-11 * std::max(1.0, std::fabs(value))) << z;
    EXPECT_NEAR(got_slope, slope, 2e-8 * slope) << z;
  }
}

TEST(AcquisitionTest, HasTheDerivativesOfExpectedImprovementByMeanAndDeviation) {
  for (const double mean : {-0.5, 0.3, 4.0, 40.0}) {
    const auto at = [&](double m, double s) { return log_expected_improvement(m, s, 0.1).value; };
    const AcquisitionValue value = log_expected_improvement(mean, 0.8, 0.1);
    EXPECT_NEAR(value.by_mean, (at(mean + 1e-6, 0.8) - at(mean - 1e-6, 0.8)) / 2e-6,
                1e-5 * (1 + std::fabs(value.by_mean)));
    EXPECT_NEAR(value.by_sd, (at(mean, 0.8 + 1e-6) - at(mean, 0.8 - 1e-6)) / 2e-6,
                1e-5 * (1 + std::fabs(value.by_sd)));
  }
}

}  // namespace
}  // namespace mizan::algorithms

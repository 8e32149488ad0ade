// See sample_hyperparameters.h.
#include "algorithms/bayes/sample_hyperparameters.h"

#include <Eigen/Cholesky>
#include <cmath>
#include <limits>
#include <numbers>

#include "algorithms/bayes/fit_hyperparameters.h"
#include "algorithms/counter_rng.h"

namespace mizan::algorithms {
namespace {

constexpr int kStepsBetween = 5;
constexpr int kMaxShrinks = 20;
// Beyond these logarithms nothing is told apart and numbers overflow.
constexpr double kSmallestLog = -16, kLargestLog = 8;

// Up to a constant; -inf where the covariance can't be factored.
double log_likelihood(const Features& x, const Eigen::VectorXd& y, const FeatureKinds& is_category,
                      const Eigen::VectorXd& packed, const Additive& additive) {
  if (packed.minCoeff() < kSmallestLog || packed.maxCoeff() > kLargestLog)
    return -std::numeric_limits<double>::infinity();
  Hyperparameters hyper = unpack(packed);
  hyper.additive = additive;
  Eigen::MatrixXd k = kernel_matrix(x, is_category, hyper);
  k.diagonal().array() += std::exp(hyper.log_noise) + 1e-8;
  const Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>> factor(k);  // in place, from the lower triangle
  if (factor.info() != Eigen::Success) return -std::numeric_limits<double>::infinity();
  const Eigen::VectorXd whitened = factor.matrixL().solve(y);
  const double value =
      -0.5 * whitened.squaredNorm() - factor.matrixLLT().diagonal().array().log().sum();
  return std::isfinite(value) ? value : -std::numeric_limits<double>::infinity();
}

class Chain {
 public:
  Chain(const Features& x, const Eigen::VectorXd& y, const FeatureKinds& is_category,
        const Hyperparameters& start)
      : x_(x),
        y_(y),
        is_category_(is_category),
        additive_(start.additive),
        mean_(prior_means(x.cols())),
        deviation_(prior_deviations(x.cols())),
        at_(pack(start)),
        value_(log_likelihood(x, y, is_category, at_, additive_)),
        rng_(static_cast<std::uint64_t>(x.rows()), 0, Purpose::kModel) {}

  // Along an ellipse through the present point and a draw from the prior.
  void step() {
    Eigen::VectorXd drawn(at_.size());
    for (Eigen::Index i = 0; i < drawn.size(); ++i) drawn[i] = deviation_[i] * rng_.normal();
    const double level = value_ + std::log(rng_.uniform());
    double angle = 2 * std::numbers::pi * rng_.uniform();
    double low = angle - 2 * std::numbers::pi, high = angle;
    for (int i = 0; i < kMaxShrinks; ++i) {
      const Eigen::VectorXd moved =
          mean_ + (at_ - mean_) * std::cos(angle) + drawn * std::sin(angle);
      const double value = log_likelihood(x_, y_, is_category_, moved, additive_);
      if (value > level) {
        at_ = moved;
        value_ = value;
        return;
      }
      (angle < 0 ? low : high) = angle;
      angle = low + (high - low) * rng_.uniform();
    }
  }
  Hyperparameters now() const {
    Hyperparameters hyper = unpack(at_);
    hyper.additive = additive_;
    return hyper;
  }

 private:
  const Features& x_;
  const Eigen::VectorXd& y_;
  const FeatureKinds& is_category_;
  Additive additive_;
  Eigen::VectorXd mean_, deviation_, at_;
  double value_;
  CounterRng rng_;
};

}  // namespace

std::vector<Hyperparameters> sample_hyperparameters(const Features& x, const Eigen::VectorXd& y,
                                                    const FeatureKinds& is_category,
                                                    const Hyperparameters& start,
                                                    std::size_t count) {
  Chain chain(x, y, is_category, start);
  std::vector<Hyperparameters> samples;
  while (samples.size() < count) {
    for (int i = 0; i < kStepsBetween; ++i) chain.step();
    samples.push_back(chain.now());
  }
  return samples;
}

}  // namespace mizan::algorithms

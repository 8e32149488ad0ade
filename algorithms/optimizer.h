// The interface of every algorithm: what is known in, points out.
//
// The answer is a pure function of the query. Speed comes from a cache that the caller owns and may
// drop, keep or swap for another experiment's at any time without changing an answer: what an
// optimizer keeps there it must check against the query (History::digest) before use. What must
// survive a restart travels in State.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "algorithms/evaluation.h"
#include "algorithms/history.h"
#include "algorithms/problem.h"
#include "algorithms/settings.h"

namespace mizan::algorithms {

/// At most 64 KiB, versioned by its optimizer. Empty, unknown or foreign text means: none; it never
/// is an error.
using State = std::string;
inline constexpr std::size_t kMaxStateBytes = 64 * 1024;

struct Query {
  const Problem& problem;
  const Settings& settings;
  std::uint64_t seed = 0;              // the effective random_state
  const History& history;              // finished evaluations
  std::vector<EvaluationPtr> pending;  // kRunning, by draw index
  State state;
  std::uint64_t draw = 0;  // index of the first proposal among the algorithm's own draws
};

struct Proposal {
  Point point;
  std::optional<double> fidelity;
  std::string name;    // of the trial; empty: the caller names it
  std::string parent;  // name of the trial that this one descends from
  std::int64_t generation = 0;
  std::vector<std::pair<std::string, std::string>> labels;
  std::string mechanism;  // "grid", "random", "startup", "log-ei"
  std::string reason;     // a clause for `why`: "point 3 of the grid's 12"
  std::optional<double> predicted_mean, predicted_sd;  // of the first objective, minimised
  bool operator==(const Proposal&) const = default;
};

enum class Next {
  kMore,            // ask again whenever you like
  kWaitForResults,  // no more before something pending has finished
  kExhausted,       // never again: every point is drawn
};

struct Batch {
  std::vector<Proposal> proposals;
  Next next = Next::kMore;  // after the proposals; when it isn't kMore there may be fewer than were
                            // asked for
  State state;              // for the next query
  bool operator==(const Batch&) const = default;
};

/// Owned by the caller, filled by optimizers. Thread: one user at a time.
class Cache {
 public:
  class Content {
   public:
    virtual ~Content() = default;
    virtual std::size_t bytes() const = 0;
  };

  /// The content when it is a T, else a fresh T in its place.
  template <class T>
  T& as() {
    if (auto* same = dynamic_cast<T*>(content_.get())) return *same;
    auto fresh = std::make_unique<T>();
    T& reference = *fresh;
    content_ = std::move(fresh);
    return reference;
  }
  void drop() { content_.reset(); }
  std::size_t bytes() const { return content_ ? content_->bytes() : 0; }

 private:
  std::unique_ptr<Content> content_;
};

/// Without state of its own; safe to use from any number of threads, each with its own cache.
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  /// Up to `count` proposals. By construction the same as `count` calls for one each, where every
  /// call finds the earlier proposals among its pending and the state of the batch before: so is a
  /// run of one worker repeated exactly, and a batch diversified.
  Batch suggest(Query query, std::size_t count, Cache& cache) const;

 protected:
  /// Zero or one proposal. Requires a space of at least one parameter and one objective.
  virtual Batch suggest_one(const Query& query, Cache& cache) const = 0;
};

}  // namespace mizan::algorithms

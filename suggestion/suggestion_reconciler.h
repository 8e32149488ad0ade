// Answers Suggestions: as many draws as spec.requests wants, from the Experiment's algorithm and
// what its Trials gave so far.
//
// Writes Suggestion.status and nothing else. Killed between any two steps it draws the same points
// again: a draw is a pure function of what is stored. Numbers are worked out on pools, never on
// the io thread. While clients run the trials, the next answer is worked out between two asks.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <map>
#include <memory>

#include "algorithms/optimizer.h"
#include "controller/controller.h"
#include "controller/informer.h"
#include "controller/reconciler.h"
#include "controller/recorder.h"
#include "core/time.h"
#include "resources/experiment.h"
#include "resources/suggestion.h"
#include "resources/trial.h"
#include "suggestion/algorithm_choice.h"
#include "suggestion/draw.h"
#include "suggestion/trial_history.h"

namespace mizan::suggestion {

/// Thread: io. Everything given to it outlives it.
class SuggestionReconciler final : public controller::Reconciler {
 public:
  struct World {
    store::ObjectStore& store;
    controller::Informer<resources::Suggestion>& suggestions;
    controller::Informer<resources::Experiment>& experiments;  // defaults filled in by its decoder
    controller::Informer<resources::Trial>& trials;            // indexed by "namespace/experiment"
    controller::Recorder& recorder;
    const Clock& clock;
    boost::asio::any_io_executor numbers;  // the pool for draws that learn from results
    boost::asio::any_io_executor light;    // for those that don't: never behind a model's fit
  };

  explicit SuggestionReconciler(World world);
  ~SuggestionReconciler() override;

  /// Listens to the three informers, before they run: changes become requests to `enqueue`
  /// (Controller::enqueue of the controller that runs this reconciler).
  void listen(std::function<void(const controller::Request&)> enqueue);

  Task<Result<controller::RequeueAfter>> reconcile(controller::Request request) override;

 private:
  struct Book;

  Result<std::shared_ptr<Book>> open_book(const controller::Request& request,
                                          const resources::Experiment& experiment);
  void trial_changed(const controller::Informer<resources::Trial>::Event& event);
  std::vector<std::string> new_names(const Book& book, std::uint64_t first_draw,
                                     std::size_t count) const;
  Task<Result<>> write(std::shared_ptr<const resources::Suggestion> suggestion, Json status);
  Task<Result<>> fail_suggestion(std::shared_ptr<const resources::Suggestion> suggestion,
                                 std::string message);
  Task<Result<>> answer(std::shared_ptr<const resources::Suggestion> suggestion,
                        std::shared_ptr<Book> book);
  Task<Result<>> record(std::shared_ptr<const resources::Suggestion> suggestion,
                        std::shared_ptr<Book> book, Drawn drawn);
  /// Throws what draw() throws.
  Task<Drawn> draw_on_pool(std::shared_ptr<Book> book, DrawInput input,
                           std::vector<std::string> names);
  /// Works out the answer to the next ask, once no result has come for a while.
  Task<controller::RequeueAfter> prepare(std::shared_ptr<const resources::Suggestion> suggestion,
                                         std::shared_ptr<Book> book);

  World world_;
  std::function<void(const controller::Request&)> enqueue_;
  std::map<controller::Request, std::shared_ptr<Book>> books_;
  bool preparing_ = false;  // one at a time: waiting asks go first
};

}  // namespace mizan::suggestion

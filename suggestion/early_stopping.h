// Judges running trials of experiments with spec.earlyStopping, at each value of the objective that
// they report, against what the others have reported by then.
//
// A trial that should stop gets the annotation mizan.kubeflow.org/stop-early with one sentence why;
// the Trial controller ends its run, and `:report` tells it to a client. Nothing else is written.
// What is kept here can be read again from the observation log: after a restart it is.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "algorithms/stopping_rule.h"
#include "controller/informer.h"
#include "controller/reconciler.h"
#include "controller/recorder.h"
#include "controller/signal.h"
#include "core/task.h"
#include "resources/experiment.h"
#include "resources/trial.h"
#include "store/observation_log.h"
#include "suggestion/stopping_choice.h"

namespace mizan::suggestion {

/// Thread: io. Everything given to it outlives it. stop() must have finished before it is
/// destroyed.
class EarlyStopping {
 public:
  struct World {
    boost::asio::any_io_executor io;
    store::ObjectStore& store;
    store::ObservationLog& observations;
    controller::Informer<resources::Experiment>& experiments;
    controller::Informer<resources::Trial>& trials;  // indexed by "namespace/experiment"
    controller::Recorder& recorder;                  // of Trials
  };

  /// Listens to the two informers: before they run.
  explicit EarlyStopping(World world);
  ~EarlyStopping();

  Task<> start();
  Task<> stop();

  /// Why that trial should stop, once everything it reported is judged; empty: it may go on. Waits
  /// at most a second for curves that are being read.
  Task<std::string> advice(std::string trial_uid);

 private:
  struct Entry;
  struct Book;
  using BookPtr = std::shared_ptr<Book>;

  void experiment_changed(const controller::Informer<resources::Experiment>::Event& event);
  void trial_changed(const controller::Informer<resources::Trial>::Event& event);
  void reported(const std::string& trial_uid, const std::vector<store::Measurement>& rows);
  BookPtr open_book(const resources::Trial& trial);
  void put(Book& book, const resources::Trial& trial);
  void judge(const BookPtr& book, const std::string& uid);
  void spawn(Task<> task);
  Task<> read_book(BookPtr book);
  Task<> read_curve(BookPtr book, std::string uid);
  Task<> annotate(BookPtr book, std::string uid);
  Task<> run_counted(Task<> task);

  World world_;
  std::map<controller::Request, BookPtr> books_;                  // by experiment
  std::unordered_map<std::string, controller::Request> running_;  // trial uid -> namespace, name
  std::shared_ptr<void> subscription_;
  controller::Signal changed_;
  std::size_t tasks_ = 0;
  bool stopping_ = false;
};

}  // namespace mizan::suggestion

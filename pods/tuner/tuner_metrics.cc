// The families are registered once; a gauge for each experiment that is tuned goes with it.
#include "pods/tuner/tuner_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <map>

namespace mizan::pods {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;

struct TunerMetrics::Families {
  explicit Families(prometheus::Registry& registry)
      : resizes(prometheus::BuildCounter()
                    .Name("mizan_tuner_resizes_total")
                    .Help("Resizes of trial pods that the tuner asked for, by what became of them.")
                    .Register(registry)),
        oom_retries(prometheus::BuildCounter()
                        .Name("mizan_tuner_oom_retries_total")
                        .Help("Attempts that were started with more memory after an OOM kill.")
                        .Register(registry)
                        .Add({})),
        memory(prometheus::BuildGauge()
                   .Name("mizan_experiment_saved_memory_gib_hours")
                   .Help("Reserved memory that tuning saved, against the template's request.")
                   .Register(registry)),
        cpu(prometheus::BuildGauge()
                .Name("mizan_experiment_saved_cpu_core_hours")
                .Help("Reserved CPU that tuning saved, against the template's request.")
                .Register(registry)) {}

  struct Gauges {
    Gauge* memory = nullptr;
    Gauge* cpu = nullptr;
  };
  Family<Counter>& resizes;
  Counter& oom_retries;
  Family<Gauge>&memory, &cpu;
  std::map<std::string, Gauges> of_experiments;  // by namespace/name
};

TunerMetrics::TunerMetrics(prometheus::Registry* registry)
    : families_(registry == nullptr ? nullptr : std::make_unique<Families>(*registry)) {}
TunerMetrics::~TunerMetrics() = default;

void TunerMetrics::count_resize(const std::string& what) {
  if (families_) families_->resizes.Add({{"result", what}}).Increment();
}

void TunerMetrics::count_oom_retry() {
  if (families_) families_->oom_retries.Increment();
}

void TunerMetrics::set_savings(const std::string& ns, const std::string& experiment,
                               double memory_gib_hours, double cpu_core_hours) {
  if (!families_) return;
  Families::Gauges& gauges = families_->of_experiments[ns + "/" + experiment];
  if (gauges.memory == nullptr) {
    const prometheus::Labels labels{{"namespace", ns}, {"experiment", experiment}};
    gauges = {&families_->memory.Add(labels), &families_->cpu.Add(labels)};
  }
  gauges.memory->Set(memory_gib_hours);
  gauges.cpu->Set(cpu_core_hours);
}

void TunerMetrics::forget(const std::string& ns, const std::string& experiment) {
  if (!families_) return;
  const auto found = families_->of_experiments.find(ns + "/" + experiment);
  if (found == families_->of_experiments.end()) return;
  families_->memory.Remove(found->second.memory);
  families_->cpu.Remove(found->second.cpu);
  families_->of_experiments.erase(found);
}

}  // namespace mizan::pods

// Many trials in one process: what a pod with `reuse: Process` runs. JSON lines in, JSON lines out.
#pragma once

#include <functional>
#include <istream>
#include <ostream>

#include "examples/rag/trial/engine.h"

namespace mizan::rag {

/// Reads lines {"trial": NAME, "assignments": {...}} (assignments also as a list of {name, value})
/// until the input ends. For each trial it writes
///   {"metric": NAME, "value": NUMBER, "step": QUESTIONS}       for every metric, every 25
///   questions
///   {"done": TRIAL}                                            and then at last one of these:
///   {"done": TRIAL, "infeasible": REASON}     the parameters can't work; nothing else can help
///   {"done": TRIAL, "error": MESSAGE}         it failed
/// `base` holds assignments that every trial has; a trial's own win. A line that is no such object
/// is answered with {"error": MESSAGE}. {"stop": TRIAL} ends that trial early, with an error; it is
/// heard within 25 questions.
void serve_trials(std::istream& in, std::ostream& out, Engine& engine, const Assignments& base);

}  // namespace mizan::rag

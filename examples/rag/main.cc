// rag-trial: a retrieval-augmented pipeline that answers questions, as a trial of a tuning job.
#include <fmt/format.h>
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "core/json.h"
#include "examples/rag/corpus/beir.h"
#include "examples/rag/corpus/faq_corpus.h"
#include "examples/rag/retrieval/glove.h"
#include "examples/rag/trial/compare.h"
#include "examples/rag/trial/worker.h"

namespace mizan::rag {
namespace {

/// sysexits.h's EX_CONFIG: the trial's parameters can't work, and no retry will help.
constexpr int kInfeasible = 78;
constexpr int kFailed = 1;

struct Flags {
  std::string dataset = "faq-small";
  std::string corpora = default_corpora();
  std::string split = "tune";
  std::string generator = "extractive";
  std::string termination_log;
  std::string answers_file;
  std::string metric = "rouge_l";
  std::vector<std::string> assignments;
  std::vector<std::string> configurations;
  std::string from;
  std::string json;
  std::vector<std::string> packages;
  EngineOptions engine;
};

int complain(const Flags& flags, const Error& error) {
  const bool infeasible = error.code == Code::kInvalid;
  const std::string text = (infeasible ? "infeasible: " : "") + error.message;
  fmt::print(stderr, "rag-trial: {}\n", text);
  if (!flags.termination_log.empty()) std::ofstream(flags.termination_log) << text << '\n';
  return infeasible ? kInfeasible : kFailed;
}

Result<Assignments> assignments_of(const std::vector<std::string>& texts) {
  Assignments out;
  for (const std::string& text : texts) {
    if (auto done = add_assignment(text, out); !done) return fail(std::move(done).error());
  }
  return out;
}

Result<std::unique_ptr<Engine>> engine_of(Flags& flags) {
  if (flags.generator != "extractive" && flags.generator != "openai") {
    return fail(Code::kBadRequest,
                fmt::format("--generator '{}' is neither extractive nor openai", flags.generator));
  }
  flags.engine.chat = flags.generator == "openai";
  if (flags.engine.chat && flags.engine.endpoint.base_url.empty()) {
    return fail(Code::kBadRequest, "--generator openai needs --base-url http://HOST:PORT/v1");
  }
  if (flags.engine.glove_file.empty()) flags.engine.glove_file = flags.corpora + "/glove-100.bin";
  TRY(Dataset dataset, open_dataset(flags.dataset, flags.corpora));
  auto library = std::make_shared<const Library>(std::move(dataset));
  return std::make_unique<Engine>(std::move(library), flags.engine);
}

void describe(const Engine& engine) {
  const Library& library = engine.library();
  const std::size_t all = library.dataset().questions.size();
  const std::size_t tune = select(library.dataset(), Split::kTune).size();
  fmt::print("dataset {}: {} documents, {} words, {} questions ({} to tune on, {} kept back)\n",
             library.dataset().name, library.documents(), library.tokens(), all, tune, all - tune);
  fmt::print("fingerprint {}\n", library.fingerprint());
}

void write_answers(const std::string& path, const Engine& engine, Split split,
                   const TrialResult& result) {
  std::ofstream file(path);
  const auto questions = select(engine.library().dataset(), split);
  for (std::size_t at = 0; at < result.questions.size(); ++at) {
    file << Json{{"question", questions[at]->text},
                 {"answer", result.questions[at].answer},
                 {"references", questions[at]->answers},
                 {"rouge_l", result.questions[at].text.rouge_l},
                 {"f1", result.questions[at].text.f1}}
                .dump(-1, ' ', false, Json::error_handler_t::replace)
         << '\n';
  }
}

Result<> run(Flags& flags) {
  TRY(const Assignments assignments, assignments_of(flags.assignments));
  TRY(const Parameters parameters, read_parameters(assignments));
  TRY(const Split split, parse_split(flags.split));
  TRY(const auto engine, engine_of(flags));
  describe(*engine);
  TRY(const TrialResult result,
      engine->run(parameters, split, [](std::size_t questions, const Metrics& metrics) {
        fmt::print("{}\n", metrics_line(questions, metrics));
        std::fflush(stdout);
      }));
  fmt::print("{} chunks, {} threads; answers {}\n", result.chunks, result.threads,
             result.answers_digest);
  fmt::print("{}\n", metrics_line(result.questions.size(), result.metrics));
  if (!flags.answers_file.empty()) write_answers(flags.answers_file, *engine, split, result);
  return {};
}

Result<> worker(Flags& flags) {
  TRY(const Assignments base, assignments_of(flags.assignments));
  TRY(const auto engine, engine_of(flags));
  const Library& library = engine->library();
  fmt::print(stderr, "rag-trial: {} with {} documents is loaded, fingerprint {}\n",
             library.dataset().name, library.documents(), library.fingerprint());
  std::ios::sync_with_stdio(false);
  serve_trials(std::cin, std::cout, *engine, base);
  return {};
}

Result<> compare(Flags& flags) {
  TRY(const Split split, parse_split(flags.split));
  TRY(const Assignments more, assignments_of(flags.assignments));
  std::vector<Parameters> all;
  for (const std::string& text : flags.configurations) {
    TRY(Assignments assignments, read_configuration(text));
    for (const auto& [name, value] : more) assignments[name] = value;
    assignments.try_emplace("num_questions", "1000000");  // every question of the split
    TRY(all.emplace_back(), read_parameters(assignments));
  }
  TRY(const auto engine, engine_of(flags));
  describe(*engine);
  std::vector<std::vector<double>> scores;
  for (std::size_t at = 0; at < all.size(); ++at) {
    TRY(const TrialResult result, engine->run(all[at], split, [](std::size_t, const Metrics&) {}));
    scores.emplace_back();
    double mean = 0;
    for (const QuestionScores& question : result.questions) {
      TRY(const double score, score_named(question, flags.metric));
      scores.back().push_back(score);
      mean += score / static_cast<double>(result.questions.size());
    }
    fmt::print("{}: {}={:.4f} on {} questions ({})\n", flags.configurations[at], flags.metric, mean,
               result.questions.size(), flags.split);
    engine->trim();
  }
  for (std::size_t at = 1; at < all.size(); ++at) {
    const PairedDifference gap = paired_difference(scores[0], scores[at]);
    const bool sure = gap.low > 0 || gap.high < 0;
    fmt::print("{} - {}: {:+.4f}, 95% interval {:+.4f} to {:+.4f}{}\n", flags.configurations[0],
               flags.configurations[at], gap.mean, gap.low, gap.high,
               sure ? "" : " (may be chance)");
  }
  return {};
}

Result<> corpus(Flags& flags) {
  TRY(const FaqCorpora built, build_faq_corpora(flags.from));
  for (const Dataset* dataset : {&built.small, &built.full}) {
    const std::string folder = flags.corpora + "/" + dataset->name;
    if (auto done = write_beir(*dataset, folder); !done) return done;
    const std::string mark = fingerprint(*dataset);
    std::ofstream(folder + "/SOURCE.txt") << fmt::format("fingerprint {}\n", mark)
                                          << fmt::format("{}\n", fmt::join(flags.packages, "\n"));
    fmt::print("{}: {} documents, {} questions, fingerprint {}\n", folder,
               dataset->documents.size(), dataset->questions.size(), mark);
  }
  fmt::print("{} questions were left out:\n", built.left.size());
  for (const std::string& line : built.left) fmt::print("  {}\n", line);
  return {};
}

Result<> convert(Flags& flags) {
  const std::string out = flags.corpora + "/glove-100.bin";
  TRY(const std::size_t words, convert_glove(flags.json, out));
  fmt::print("{}: {} words\n", out, words);
  return {};
}

void add_common(CLI::App& app, Flags& flags) {
  app.add_option("--dataset", flags.dataset,
                 "faq-small, faq-full, squad:FILE (SQuAD v1.1) or beir:FOLDER")
      ->capture_default_str();
  app.add_option("--corpora", flags.corpora, "folder that examples/rag/prepare made")
      ->capture_default_str();
  app.add_option("--threads", flags.engine.threads, "0: what the CPU limit of the moment allows")
      ->capture_default_str();
  app.add_option("--generator", flags.generator, "extractive, or openai: a chat endpoint")
      ->capture_default_str();
  app.add_option("--base-url", flags.engine.endpoint.base_url,
                 "of an OpenAI-compatible server: http://HOST:PORT/v1");
  app.add_option("--model", flags.engine.endpoint.model, "for chat completions");
  app.add_option("--embedding-model", flags.engine.endpoint.embedding_model,
                 "for embedding=openai; default: --model");
  app.add_option("--api-key-env", flags.engine.endpoint.api_key_env,
                 "variable that holds the endpoint's key");
  app.add_option("--timeout", flags.engine.endpoint.timeout_seconds, "seconds for a request")
      ->capture_default_str();
  app.add_option("--tries", flags.engine.endpoint.tries, "of a request that fails")
      ->check(CLI::Range(1, 20))
      ->capture_default_str();
  app.add_option("--termination-log", flags.termination_log,
                 "file that is told why a trial failed");
  app.add_option("assignments", flags.assignments, "NAME=VALUE; see `rag-trial parameters`");
}

int dispatch(int argc, char** argv) {
  CLI::App app(
      "Answers questions from documents, once per trial, and prints how well.\n"
      "Without a subcommand: one trial.");
  Flags flags;
  add_common(app, flags);
  app.add_option("--split", flags.split, "questions: tune, test or all")->capture_default_str();
  app.add_option("--answers", flags.answers_file, "file for every question with its answer");
  auto* const serve =
      app.add_subcommand("worker", "trials as JSON lines on standard input, one process for all");
  add_common(*serve, flags);
  auto* const versus =
      app.add_subcommand("compare", "configurations on questions kept back, with intervals");
  add_common(*versus, flags);
  std::string compare_split = "test";
  versus->add_option("--split", compare_split, "questions: tune, test or all")
      ->capture_default_str();
  versus->add_option("--metric", flags.metric, "of each question")->capture_default_str();
  versus
      ->add_option(
          "-c,--configuration", flags.configurations,
          "default, naive, FILE.json or NAME=VALUE,…; the first is compared with the others")
      ->required()
      ->take_all();
  auto* const build =
      app.add_subcommand("corpus", "makes faq-small and faq-full from Debian packages");
  build->add_option("--from", flags.from, "file tree with the packages; / when installed")
      ->required();
  build->add_option("--corpora", flags.corpora, "where to put them")->capture_default_str();
  build->add_option("--package", flags.packages, "NAME VERSION, to be noted beside the corpus");
  auto* const glove = app.add_subcommand("glove", "converts the word vectors of an npm package");
  glove->add_option("json", flags.json, "its JSON file")->required();
  glove->add_option("--corpora", flags.corpora, "where to put them")->capture_default_str();
  auto* const list =
      app.add_subcommand("parameters", "every hyperparameter: range, default, meaning");
  app.require_subcommand(0, 1);
  CLI11_PARSE(app, argc, argv);

  if (list->parsed()) {
    fmt::print("{}", describe_parameters());
    return 0;
  }
  Result<> done;
  if (serve->parsed()) {
    done = worker(flags);
  } else if (versus->parsed()) {
    flags.split = compare_split;
    done = compare(flags);
  } else if (build->parsed()) {
    done = corpus(flags);
  } else if (glove->parsed()) {
    done = convert(flags);
  } else {
    done = run(flags);
  }
  return done ? 0 : complain(flags, done.error());
}

}  // namespace
}  // namespace mizan::rag

int main(int argc, char** argv) {
  // Large blocks come from mmap and go back when freed; few arenas, so that little is left over.
  mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  mallopt(M_ARENA_MAX, 2);
  try {
    return mizan::rag::dispatch(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "rag-trial: {}\n", error.what());
    return 1;
  }
}

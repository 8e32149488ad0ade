// See engine.h.
#include "examples/rag/trial/engine.h"

#include <fmt/format.h>
#include <malloc.h>

#include <Eigen/Core>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "examples/rag/retrieval/glove.h"
#include "examples/rag/retrieval/lsa.h"
#include "examples/rag/trial/cpu_limit.h"

namespace mizan::rag {
namespace {

constexpr std::size_t kBlock = 25;       // questions that are scored together
constexpr std::size_t kCandidates = 50;  // chunks that are looked at closely
constexpr std::size_t kJudged = 10;      // places that ranking metrics look at

using Clock = std::chrono::steady_clock;
double milliseconds(Clock::time_point since) {
  return std::chrono::duration<double, std::milli>(Clock::now() - since).count();
}

std::string embedding_key(const Parameters& parameters) {
  if (parameters.embedding == EmbeddingKind::kOpenai) return "openai";
  const bool lsa = parameters.embedding == EmbeddingKind::kLsa;
  return fmt::format("{}-{}", lsa ? "lsa" : "glove", parameters.embedding_dim);
}

std::uint64_t stream_of(const Question& question) {
  const std::string hash = sha256(question.text);
  std::uint64_t out = 0;
  for (std::size_t at = 0; at < 8; ++at) out = out << 8U | static_cast<unsigned char>(hash[at]);
  return out;
}

}  // namespace

/// The part of a trial that is fixed before its first question, and the loop over questions.
class Engine::Trial {
 public:
  Trial(const Library& library, const EngineOptions& options, const Parameters& parameters,
        const Chunking& chunking, Embedding& embedding)
      : library_(library),
        options_(options),
        parameters_(parameters),
        chunks_(chunking.chunks),
        embedding_(embedding) {}

  const Bm25Index* lexical = nullptr;         // null: hybrid_alpha 1
  const std::vector<float>* dense = nullptr;  // null: hybrid_alpha 0
  std::vector<Query> queries;

  /// Blocks of questions on several threads; what they bring is handed on in order.
  Result<std::vector<QuestionScores>> run(unsigned threads, const Progress& progress,
                                          const std::function<bool()>& stop) {
    const std::size_t blocks = (queries.size() + kBlock - 1) / kBlock;
    std::vector<std::vector<QuestionScores>> done(blocks);
    std::vector<bool> ready(blocks, false);
    std::mutex mutex;
    std::condition_variable changed;
    std::atomic<std::size_t> next = 0;
    std::optional<Error> error;
    const auto work = [&] {
      for (;;) {
        const std::size_t at = next++;
        if (at >= blocks) return;
        auto scores = block(at * kBlock, std::min(queries.size(), (at + 1) * kBlock));
        const std::lock_guard lock(mutex);
        if (!scores && !error) {
          error = std::move(scores).error();
          next = blocks;
        } else if (scores) {
          done[at] = *std::move(scores);
        }
        ready[at] = true;
        changed.notify_one();
      }
    };
    std::vector<std::jthread> running;
    for (unsigned at = 0; at < threads; ++at) running.emplace_back(work);
    std::vector<QuestionScores> out;
    RunningMeans means;
    for (std::size_t at = 0; at < blocks; ++at) {
      {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return ready[at] || error.has_value(); });
        if (error) break;
      }
      for (QuestionScores& scores : done[at]) {
        means.add(scores);
        out.push_back(std::move(scores));
      }
      progress(means.questions(), means.metrics());
      if (at + 1 < blocks && stop && stop()) {
        const std::lock_guard lock(mutex);
        if (!error) error = Error{Code::kCancelled, "it was stopped before its end", {}};
        next = blocks;
        break;
      }
    }
    running.clear();  // joins
    if (error) return fail(*error);
    return out;
  }

 private:
  using Scores = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  Result<std::vector<QuestionScores>> block(std::size_t begin, std::size_t end) {
    const auto start = Clock::now();
    Scores cosines;
    if (dense) {
      const auto dim = static_cast<Eigen::Index>(embedding_.dimensions());
      Scores asked(static_cast<Eigen::Index>(end - begin), dim);
      for (std::size_t at = begin; at < end; ++at) {
        std::ranges::copy(queries[at].vector,
                          asked.row(static_cast<Eigen::Index>(at - begin)).data());
      }
      const Eigen::Map<const Scores> vectors(dense->data(),
                                             static_cast<Eigen::Index>(chunks_.size()), dim);
      cosines.noalias() = asked * vectors.transpose();
    }
    const double shared = milliseconds(start) / static_cast<double>(end - begin);
    std::vector<float> lexical_scores(lexical ? chunks_.size() : 0);
    std::vector<QuestionScores> out;
    for (std::size_t at = begin; at < end; ++at) {
      std::span<const float> dense_scores;
      if (dense)
        dense_scores = {cosines.row(static_cast<Eigen::Index>(at - begin)).data(), chunks_.size()};
      TRY(QuestionScores scores, question(queries[at], lexical_scores, dense_scores));
      scores.milliseconds += shared;
      out.push_back(std::move(scores));
    }
    return out;
  }

  std::vector<Hit> retrieve(const Query& query, std::span<float> lexical_scores,
                            std::span<const float> dense_scores) const {
    const Parameters& p = parameters_;
    if (lexical) {
      lexical->scores(p.stem ? query.stems : query.words, p.bm25_k1, p.bm25_b, lexical_scores);
    }
    std::vector<Hit> hits =
        p.fusion == Fusion::kConvex
            ? fuse_convex(lexical_scores, dense_scores, p.hybrid_alpha, kCandidates)
            : fuse_reciprocal(lexical_scores, dense_scores, kCandidates);
    if (p.rerank) rerank(library_, chunks_, query.stems, hits);
    const std::size_t count = std::max<std::size_t>(p.top_k, kJudged);
    if (p.mmr_lambda >= 1) {
      hits.resize(std::min(hits.size(), count));
      return hits;
    }
    return diversify(hits, p.mmr_lambda, count, likeness(hits));
  }

  std::function<float(std::uint32_t, std::uint32_t)> likeness(std::span<const Hit> hits) const {
    const std::size_t dim = embedding_.dimensions();
    if (dense) {
      return [this, dim](std::uint32_t a, std::uint32_t b) {
        return dot(dense->data() + a * dim, dense->data() + b * dim, dim);
      };
    }
    // Without an index of vectors, those of the candidates are made here.
    std::map<std::uint32_t, std::vector<float>> made;
    for (const Hit& hit : hits) {
      std::vector<float>& vector = made[hit.chunk];
      vector.resize(dim);
      embedding_.part(chunks_[hit.chunk].document, chunks_[hit.chunk].tokens, vector);
    }
    return [made = std::move(made), dim](std::uint32_t a, std::uint32_t b) {
      return dot(made.at(a).data(), made.at(b).data(), dim);
    };
  }

  Result<QuestionScores> question(const Query& query, std::span<float> lexical_scores,
                                  std::span<const float> dense_scores) {
    const auto start = Clock::now();
    const std::vector<Hit> ranking = retrieve(query, lexical_scores, dense_scores);
    const std::span<const Hit> chosen(ranking.data(),
                                      std::min<std::size_t>(ranking.size(), parameters_.top_k));
    const auto context = gather(chunks_, chosen, parameters_.max_context);
    QuestionScores out;
    TRY(out.answer, answer(query, context));
    out.milliseconds = milliseconds(start);
    out.answer_in_context = holds(context, query.gold);
    out.context_words = words_in(context);
    std::vector<bool> relevant;
    for (const Hit& hit : ranking) relevant.push_back(is_relevant(chunks_[hit.chunk], query));
    out.ranking = score_ranking(relevant, parameters_.top_k, relevant_chunks(query));
    score_text(*query.question, out);
    return out;
  }

  Result<std::string> answer(const Query& query, std::span<const Passage> context) const {
    if (!options_.chat) return extract_answer(library_, embedding_, query, context, parameters_);
    TRY(const std::string text, chat_answer(options_.endpoint, query.question->text,
                                            context_text(library_, context), parameters_));
    return first_words(text, parameters_.max_answer_words);
  }

  static void score_text(const Question& question, QuestionScores& out) {
    out.has_reference = !question.answers.empty();
    if (!out.has_reference) return;
    out.text = score_answer(out.answer, question.answers);
    out.bleu = bleu_counts(out.answer, question.answers);
    out.answer_words = out.bleu.answer_words;
    out.reference_words = out.bleu.reference_words;
  }

  static bool is_relevant(const Chunk& chunk, const Query& query) {
    return std::ranges::any_of(query.gold,
                               [&](const GoldTokens& gold) { return covers(chunk, gold); });
  }

  /// Chunks are ordered by document, so those of a gold document stand together.
  std::size_t relevant_chunks(const Query& query) const {
    std::vector<std::uint32_t> documents;
    for (const GoldTokens& gold : query.gold) documents.push_back(gold.document);
    std::ranges::sort(documents);
    const auto repeated = std::ranges::unique(documents);
    documents.erase(repeated.begin(), repeated.end());
    std::size_t count = 0;
    for (const std::uint32_t document : documents) {
      const auto range = std::ranges::equal_range(chunks_, document, {}, &Chunk::document);
      count += static_cast<std::size_t>(std::ranges::count_if(
          range, [&](const Chunk& chunk) { return is_relevant(chunk, query); }));
    }
    return count;
  }

  const Library& library_;
  const EngineOptions& options_;
  const Parameters& parameters_;
  const std::vector<Chunk>& chunks_;
  const Embedding& embedding_;
};

Engine::Engine(std::shared_ptr<const Library> library, EngineOptions options)
    : library_(std::move(library)), options_(std::move(options)), indexes_(*library_) {}

Engine::~Engine() = default;

Result<Engine::Vectors*> Engine::vectors(const Parameters& parameters) {
  const std::string key = embedding_key(parameters);
  Vectors& out = embeddings_[key];
  out.used = ++uses_;
  if (out.embedding) return &out;
  switch (parameters.embedding) {
    case EmbeddingKind::kLsa: {
      TRY(TermVectors terms, train_lsa(*library_, parameters.embedding_dim));
      out.embedding = term_embedding(*library_, std::move(terms));
      break;
    }
    case EmbeddingKind::kGlove: {
      TRY(TermVectors terms, load_glove(*library_, options_.glove_file, parameters.embedding_dim));
      out.embedding = term_embedding(*library_, std::move(terms));
      break;
    }
    case EmbeddingKind::kOpenai: {
      TRY(out.embedding, openai_embedding(*library_, options_.endpoint));
      break;
    }
  }
  return &out;
}

Result<TrialResult> Engine::run(const Parameters& parameters, Split split,
                                const Progress& progress) {
  const double cpu_before = cpu_seconds();
  reset_peak_rss();
  TrialResult out;
  out.threads = options_.threads > 0 ? options_.threads : cpu_threads();
  TRY(Vectors* const vectors, this->vectors(parameters));
  Chunking& chunking = indexes_.chunking(parameters.chunk_size, parameters.chunk_overlap);
  Trial trial(*library_, options_, parameters, chunking, *vectors->embedding);
  const bool reciprocal = parameters.fusion == Fusion::kReciprocal;
  if (reciprocal || parameters.hybrid_alpha < 1) {
    trial.lexical = &indexes_.lexical(chunking, parameters.stem);
  }
  const bool likeness_costs =
      parameters.embedding == EmbeddingKind::kOpenai && parameters.mmr_lambda < 1;
  if (reciprocal || parameters.hybrid_alpha > 0 || likeness_costs) {
    TRY(trial.dense,
        indexes_.dense(chunking, embedding_key(parameters), *vectors->embedding, out.threads));
  }
  std::vector<const Question*> questions = select(library_->dataset(), split);
  questions.resize(std::min<std::size_t>(questions.size(), parameters.num_questions));
  if (questions.empty())
    return fail(Code::kBadRequest, "the data set has no question in this split");
  for (const Question* question : questions) {
    auto [at, fresh] = vectors->queries.try_emplace(question);
    if (fresh) {
      auto vector = vectors->embedding->query(question->text);
      if (!vector) {
        vectors->queries.erase(at);
        return fail(std::move(vector).error());
      }
      at->second = *std::move(vector);
    }
    trial.queries.push_back({.question = question,
                             .stems = library_->query_stems(question->text),
                             .words = library_->query_words(question->text),
                             .gold = library_->gold_tokens(*question),
                             .stream = stream_of(*question),
                             .vector = at->second});
  }
  TRY(out.questions, trial.run(out.threads, progress, stop_));

  RunningMeans means;
  std::vector<double> latencies;
  std::string answers;
  for (const QuestionScores& scores : out.questions) {
    means.add(scores);
    latencies.push_back(scores.milliseconds);
    answers += fmt::format("{}:{}", scores.answer.size(), scores.answer);
  }
  out.answers_digest = to_hex(sha256(answers));
  out.chunks = chunking.chunks.size();
  std::size_t index_bytes = out.chunks * sizeof(Chunk);
  if (trial.lexical) index_bytes += trial.lexical->bytes();
  if (trial.dense) index_bytes += trial.dense->size() * sizeof(float);
  out.metrics = means.metrics();
  out.metrics.insert(out.metrics.end(), {{"p50_ms", percentile(latencies, 0.5)},
                                         {"p95_ms", percentile(latencies, 0.95)},
                                         {"index_bytes", static_cast<double>(index_bytes)},
                                         {"peak_rss_bytes", static_cast<double>(peak_rss_bytes())},
                                         {"cpu_seconds", cpu_seconds() - cpu_before}});
  return out;
}

void Engine::trim() {
  indexes_.trim(options_.keep_bytes);
  const auto total = [&] {
    std::size_t bytes = 0;
    for (const auto& [key, vectors] : embeddings_) {
      if (vectors.embedding) bytes += vectors.embedding->bytes();
    }
    return bytes;
  };
  while (embeddings_.size() > 1 && total() > options_.keep_bytes) {
    embeddings_.erase(std::ranges::min_element(
        embeddings_, {}, [](const auto& entry) { return entry.second.used; }));
  }
  malloc_trim(0);
}

}  // namespace mizan::rag

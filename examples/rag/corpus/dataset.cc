// See dataset.h.
#include "examples/rag/corpus/dataset.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "examples/rag/corpus/beir.h"
#include "examples/rag/corpus/squad.h"

namespace mizan::rag {
namespace {

constexpr double kTuneShare = 0.6;

class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_, EVP_sha256(), nullptr); }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  ~Digest() { EVP_MD_CTX_free(context_); }

  void add(std::string_view bytes) { EVP_DigestUpdate(context_, bytes.data(), bytes.size()); }
  /// With its length in front, so that two fields never run into one.
  void add_field(std::string_view bytes) {
    add(fmt::format("{}:", bytes.size()));
    add(bytes);
  }
  std::string finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    EVP_DigestFinal_ex(context_, out.data(), &size);
    return {out.begin(), out.begin() + size};
  }

 private:
  EVP_MD_CTX* context_;
};

double fraction(std::string_view hash) {
  double value = 0;
  for (std::size_t at = 8; at-- > 0;) {
    value = (value + static_cast<double>(static_cast<unsigned char>(hash[at]))) / 256.0;
  }
  return value;
}

}  // namespace

std::string sha256(std::string_view text) {
  Digest digest;
  digest.add(text);
  return digest.finish();
}

std::string to_hex(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return out;
}

Result<Split> parse_split(std::string_view text) {
  if (text == "tune") return Split::kTune;
  if (text == "test") return Split::kTest;
  if (text == "all") return Split::kAll;
  return fail(Code::kBadRequest, fmt::format("split '{}' is none of tune, test, all", text));
}

std::vector<const Question*> select(const Dataset& dataset, Split split) {
  struct Keyed {
    std::string order;
    const Question* question;
  };
  std::vector<Keyed> chosen;
  for (const Question& question : dataset.questions) {
    const std::string hash = sha256(question.text);
    const bool tune = fraction(hash) < kTuneShare;
    if (split != Split::kAll && tune != (split == Split::kTune)) continue;
    // The leading bytes chose the split; the order comes from the others.
    chosen.push_back({hash.substr(8) + question.id, &question});
  }
  std::ranges::sort(chosen, {}, &Keyed::order);
  std::vector<const Question*> out;
  out.reserve(chosen.size());
  for (const Keyed& keyed : chosen) out.push_back(keyed.question);
  return out;
}

std::string fingerprint(const Dataset& dataset) {
  Digest digest;
  for (const Document& document : dataset.documents) {
    digest.add_field(document.id);
    digest.add_field(document.text);
  }
  for (const Question& question : dataset.questions) {
    digest.add_field(question.id);
    digest.add_field(question.text);
    for (const std::string& answer : question.answers) digest.add_field(answer);
    for (const Gold& gold : question.gold) {
      digest.add(fmt::format("{} {} {} {}\n", gold.document, gold.begin, gold.end, gold.whole));
    }
  }
  return to_hex(digest.finish());
}

std::string default_corpora() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  const std::string base =
      cache && *cache ? std::string(cache) : std::string(home ? home : ".") + "/.cache";
  return base + "/mizan/rag";
}

Result<std::string> read_file(const std::string& path, std::string_view hint) {
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path)) {
    return fail(Code::kNotFound, fmt::format("can't read {}: {}{}{}", path,
                                             file ? "it is a folder" : std::strerror(errno),
                                             hint.empty() ? "" : "; ", hint));
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Result<Dataset> open_dataset(const std::string& source, const std::string& corpora) {
  constexpr std::string_view kSquad = "squad:";
  constexpr std::string_view kBeir = "beir:";
  if (source.starts_with(kSquad)) {
    const std::string path = source.substr(kSquad.size());
    TRY(const std::string text, read_file(path, "give a SQuAD v1.1 file as squad:FILE"));
    return read_squad(text, path);
  }
  if (source.starts_with(kBeir)) return load_beir(source.substr(kBeir.size()), source);
  if (source.empty() || source.find_first_of(":/") != std::string::npos) {
    return fail(Code::kBadRequest,
                fmt::format("dataset '{}' is no data set: name faq-small or faq-full, or give "
                            "squad:FILE or beir:FOLDER",
                            source));
  }
  const std::string folder = corpora + "/" + source;
  if (!std::filesystem::exists(folder)) {
    return fail(Code::kNotFound,
                fmt::format("there is no corpus {}; `examples/rag/prepare` makes faq-small and "
                            "faq-full from Debian packages, or give --corpora FOLDER",
                            folder));
  }
  return load_beir(folder, source);
}

}  // namespace mizan::rag

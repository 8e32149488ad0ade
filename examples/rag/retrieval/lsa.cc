// See lsa.h. Notation: A units x terms (sparse, TF-IDF), Z terms x k (the sketch), Y = A Z.
#include "examples/rag/retrieval/lsa.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <optional>

#include "examples/rag/retrieval/principal_axes.h"
#include "examples/rag/trial/random.h"

namespace mizan::rag {
namespace {

using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
constexpr std::uint32_t kUnitWords = 100;
constexpr std::size_t kMostUnits = 12'000;
constexpr std::uint32_t kFewestUnits = 3;
constexpr std::uint32_t kOversampling = 10;
constexpr int kPowerIterations = 2;

struct Entry {
  std::uint32_t column;
  float value;
};

struct Sparse {
  std::vector<std::size_t> starts{0};
  std::vector<Entry> entries;
  std::size_t rows() const { return starts.size() - 1; }
};

/// Counts of stems per unit, as columns of kept stems; fills rows and idf of `terms`.
Sparse tf_idf(const Library& library, std::span<const Chunk> units, TermVectors& terms,
              std::vector<float>& idf) {
  const Vocabulary& vocabulary = library.vocabulary();
  std::vector<std::uint32_t> units_with(vocabulary.stems(), 0);
  std::vector<std::uint32_t> seen(vocabulary.stems(), 0);
  const auto for_each_stem = [&](const Chunk& unit, auto each) {
    const auto& tokens = library.document(unit.document).tokens;
    for (std::uint32_t at = unit.tokens.begin; at < unit.tokens.end; ++at) {
      each(vocabulary.stem(tokens[at].word));
    }
  };
  for (std::uint32_t at = 0; at < units.size(); ++at) {
    for_each_stem(units[at], [&](std::uint32_t stem) {
      if (seen[stem] != at + 1) ++units_with[stem];
      seen[stem] = at + 1;
    });
  }
  terms.rows.assign(vocabulary.stems(), -1);
  std::int32_t kept = 0;
  for (std::size_t stem = 0; stem < units_with.size(); ++stem) {
    if (units_with[stem] < kFewestUnits || units_with[stem] * std::size_t{5} >= units.size()) {
      continue;
    }
    terms.rows[stem] = kept++;
    idf.push_back(static_cast<float>(
        std::log(static_cast<double>(units.size()) / static_cast<double>(units_with[stem]))));
  }
  Sparse out;
  std::vector<std::size_t> place(static_cast<std::size_t>(kept), 0);
  for (const Chunk& unit : units) {
    const std::size_t begin = out.entries.size();
    for_each_stem(unit, [&](std::uint32_t stem) {
      const std::int32_t row = terms.rows[stem];
      if (row < 0) return;
      const auto column = static_cast<std::uint32_t>(row);
      std::size_t& at = place[column];
      if (at <= begin || at > out.entries.size() || out.entries[at - 1].column != column) {
        out.entries.push_back({column, 0});
        at = out.entries.size();
      }
      out.entries[at - 1].value += idf[column];
    });
    out.starts.push_back(out.entries.size());
  }
  return out;
}

void multiply(const Sparse& a, const Rows& z, Rows& y) {  // Y = A Z
  y.setZero();
  for (std::size_t row = 0; row < a.rows(); ++row) {
    float* out = y.data() + row * static_cast<std::size_t>(y.cols());
    for (std::size_t at = a.starts[row]; at < a.starts[row + 1]; ++at) {
      const float* in = z.data() + a.entries[at].column * static_cast<std::size_t>(z.cols());
      const float value = a.entries[at].value;
      for (Eigen::Index k = 0; k < z.cols(); ++k) out[k] += value * in[k];
    }
  }
}

void multiply_transposed(const Sparse& a, const Rows& y, Rows& z) {  // Z = A^T Y
  z.setZero();
  for (std::size_t row = 0; row < a.rows(); ++row) {
    const float* in = y.data() + row * static_cast<std::size_t>(y.cols());
    for (std::size_t at = a.starts[row]; at < a.starts[row + 1]; ++at) {
      float* out = z.data() + a.entries[at].column * static_cast<std::size_t>(z.cols());
      const float value = a.entries[at].value;
      for (Eigen::Index k = 0; k < y.cols(); ++k) out[k] += value * in[k];
    }
  }
}

/// M^T M: products of blocks of rows in float, their sum in double.
Eigen::MatrixXd gram(const Rows& m) {
  constexpr Eigen::Index kBlock = 256;
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(m.cols(), m.cols());
  Eigen::MatrixXf part(m.cols(), m.cols());
  for (Eigen::Index at = 0; at < m.rows(); at += kBlock) {
    const auto block = m.middleRows(at, std::min(kBlock, m.rows() - at));
    part.setZero();
    part.selfadjointView<Eigen::Lower>().rankUpdate(block.transpose());
    out.triangularView<Eigen::Lower>() += part.cast<double>();
  }
  out.triangularView<Eigen::StrictlyUpper>() = out.transpose();
  return out;
}

/// Columns of Z made orthonormal by Cholesky QR; false when they depend on each other.
bool orthonormalize(Rows& z) {
  const Eigen::LLT<Eigen::MatrixXd> factor(gram(z));
  if (factor.info() != Eigen::Success) return false;
  const Eigen::MatrixXf upper = factor.matrixU().toDenseMatrix().cast<float>();
  if (upper.diagonal().minCoeff() < 1e-5F * upper.diagonal().maxCoeff()) return false;
  upper.triangularView<Eigen::Upper>().solveInPlace<Eigen::OnTheRight>(z);
  return z.allFinite();
}

/// An orthonormal basis that holds A's leading right singular vectors; nothing when A has fewer
/// than `columns` directions.
std::optional<Rows> sketch(const Sparse& a, std::size_t terms, std::size_t columns) {
  if (columns > std::min(a.rows(), terms)) return std::nullopt;
  Rows z(static_cast<Eigen::Index>(terms), static_cast<Eigen::Index>(columns));
  Rows y(static_cast<Eigen::Index>(a.rows()), z.cols());
  Random random(0x15A, 0);
  for (Eigen::Index at = 0; at < z.size(); ++at) {
    z.data()[at] = static_cast<float>(random.uniform() - 0.5);
  }
  for (int round = 0; round <= kPowerIterations; ++round) {
    multiply(a, z, y);
    multiply_transposed(a, y, z);
    if (!orthonormalize(z)) return std::nullopt;
  }
  // Once more, for the first time loses digits; before the last round that does no harm.
  if (!orthonormalize(z)) return std::nullopt;
  return z;
}

std::unexpected<Error> too_many(std::uint32_t dimensions, std::size_t units, std::size_t terms) {
  return fail(Code::kInvalid,
              fmt::format("embedding_dim {} is more than this corpus can tell apart ({} units of "
                          "{} words, {} stems)",
                          dimensions, units, kUnitWords, terms));
}

}  // namespace

Result<TermVectors> train_lsa(const Library& library, std::uint32_t dimensions) {
  std::vector<Chunk> units = cut(library, kUnitWords, 0);
  if (units.size() > kMostUnits) {
    for (std::size_t at = 0; at < kMostUnits; ++at)
      units[at] = units[at * units.size() / kMostUnits];
    units.resize(kMostUnits);
  }
  TermVectors out;
  out.dimensions = dimensions;
  std::vector<float> idf;
  const Sparse a = tf_idf(library, units, out, idf);
  std::optional<Rows> z = sketch(a, idf.size(), dimensions + kOversampling);
  if (!z) z = sketch(a, idf.size(), dimensions);
  if (!z) return too_many(dimensions, a.rows(), idf.size());
  Rows y(static_cast<Eigen::Index>(a.rows()), z->cols());
  multiply(a, *z, y);
  // The leading singular vectors come last.
  const Eigen::MatrixXf rotation = principal_axes(gram(y), dimensions).rowwise().reverse();
  y.resize(0, 0);
  const Rows vectors = *z * rotation;
  out.vectors.resize(idf.size() * dimensions);
  for (std::size_t row = 0; row < idf.size(); ++row) {
    for (std::size_t at = 0; at < dimensions; ++at) {
      out.vectors[row * dimensions + at] =
          idf[row] * vectors(static_cast<Eigen::Index>(row), static_cast<Eigen::Index>(at));
    }
  }
  return out;
}

}  // namespace mizan::rag

// Cutting, compressing and storing of logs.
#include "store/kept_logs.h"

#include <fmt/format.h>
#include <zlib.h>

#include <stdexcept>

namespace mizan::store {
namespace {

/// Eight bytes of length, then zlib's bytes.
std::string compress(std::string_view text) {
  uLongf length = compressBound(static_cast<uLong>(text.size()));
  std::string packed(8 + length, '\0');
  for (std::size_t i = 0; i < 8; ++i)
    packed[i] = static_cast<char>((text.size() >> (8 * i)) & 0xffU);
  const int result = ::compress2(reinterpret_cast<Bytef*>(packed.data() + 8), &length,
                                 reinterpret_cast<const Bytef*>(text.data()),
                                 static_cast<uLong>(text.size()), Z_BEST_SPEED);
  if (result != Z_OK)
    throw std::runtime_error(fmt::format("zlib can't compress a log: {}", result));
  packed.resize(8 + length);
  return packed;
}

std::string decompress(const std::string& packed) {
  if (packed.size() < 8) throw std::runtime_error("a kept log is damaged");
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < 8; ++i)
    size |= std::uint64_t{static_cast<unsigned char>(packed[i])} << (8 * i);
  std::string text(size, '\0');
  uLongf length = static_cast<uLongf>(size);
  const int result = ::uncompress(reinterpret_cast<Bytef*>(text.data()), &length,
                                  reinterpret_cast<const Bytef*>(packed.data() + 8),
                                  static_cast<uLong>(packed.size() - 8));
  if (result != Z_OK || length != size) throw std::runtime_error("a kept log is damaged");
  return text;
}

}  // namespace

CutText cut_text(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return {text, {}};
  std::string_view head = text.substr(0, max_bytes / 2);
  std::string_view tail = text.substr(text.size() - max_bytes / 2);
  if (const std::size_t end = head.rfind('\n'); end != std::string_view::npos)
    head = head.substr(0, end + 1);
  if (const std::size_t start = tail.find('\n');
      start != std::string_view::npos && start + 1 < tail.size()) {
    tail.remove_prefix(start + 1);
  }
  return {head, tail};
}

Task<Result<>> KeptLogs::keep(std::string trial_uid, std::string text) {
  const std::uint64_t whole = text.size();
  // Compression takes milliseconds: on a reading thread, whose connection it leaves alone.
  using Packed = std::pair<std::string, std::string>;
  auto pack = [text = std::move(text), limit = max_bytes_](SqliteConnection&) -> Result<Packed> {
    const CutText cut = cut_text(text, limit);
    return Packed(compress(cut.head), cut.tail.empty() ? std::string() : compress(cut.tail));
  };
  CO_TRY(Packed made, co_await database_.read(std::move(pack)));
  auto packed = std::make_shared<const Packed>(std::move(made));
  auto work = [trial_uid, whole, packed](SqliteConnection& connection) -> Result<> {
    connection.query("INSERT OR REPLACE INTO kept_logs VALUES(?1, ?2, ?3, ?4)")
        .with(trial_uid, whole, packed->first, packed->second)
        .run();
    return {};
  };
  co_return co_await database_.writer().submit(packed->first.size() + packed->second.size(),
                                               std::move(work));
}

Task<Result<std::optional<KeptLog>>> KeptLogs::find(std::string trial_uid) {
  auto work = [trial_uid](SqliteConnection& connection) -> Result<std::optional<KeptLog>> {
    SqliteQuery query =
        connection.query("SELECT bytes, head, tail FROM kept_logs WHERE trial_uid = ?1");
    query.with(trial_uid);
    if (!query.step()) return std::optional<KeptLog>();
    KeptLog log;
    log.bytes = query.revision(0);
    log.text = decompress(query.text(1));
    const std::string tail = query.text(2);
    log.cut = !tail.empty();
    if (log.cut) {
      const std::string end = decompress(tail);
      log.text +=
          fmt::format("... {} bytes are not kept ...\n", log.bytes - log.text.size() - end.size());
      log.text += end;
    }
    return log;
  };
  co_return co_await database_.read(std::move(work));
}

Task<Result<>> KeptLogs::remove(std::string trial_uid) {
  auto work = [trial_uid](SqliteConnection& connection) -> Result<> {
    connection.query("DELETE FROM kept_logs WHERE trial_uid = ?1").with(trial_uid).run();
    return {};
  };
  co_return co_await database_.writer().submit(trial_uid.size(), std::move(work));
}

}  // namespace mizan::store

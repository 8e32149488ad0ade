// EventRecords: a small state machine over a buffer of at most one record.
#include "experiment/event_records.h"

#include <algorithm>
#include <boost/crc.hpp>

namespace mizan::experiment {
namespace {

constexpr std::size_t kLength = 8, kChecksum = 4;
constexpr std::size_t kHeader = kLength + kChecksum;

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i)
    value = value << 8U | static_cast<unsigned char>(bytes[i - 1]);
  return value;
}

}  // namespace

std::uint32_t masked_crc32c(std::string_view bytes) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(bytes.data(), bytes.size());
  const std::uint32_t sum = crc.checksum();
  return (sum >> 15U | sum << 17U) + 0xa282ead8U;
}

void EventRecords::feed(std::string_view bytes) {
  if (broken_) return;
  const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, bytes.size()));
  skip_ -= skipped;
  bytes.remove_prefix(skipped);
  buffer_.erase(0, at_);
  at_ = 0;
  buffer_ += bytes;
}

bool EventRecords::next(std::string_view& record) {
  while (!broken_ && skip_ == 0) {
    const std::string_view rest = std::string_view(buffer_).substr(at_);
    if (rest.size() < kHeader) return false;
    const std::string_view length_bytes = rest.substr(0, kLength);
    if (masked_crc32c(length_bytes) != little_endian(rest.substr(kLength, kChecksum))) {
      broken_ = true;
      buffer_.clear();
      at_ = 0;
      return false;
    }
    const std::uint64_t length = little_endian(length_bytes);
    if (length > kLargest) {
      const std::uint64_t have = rest.size() - kHeader;
      const std::uint64_t wanted = length > UINT64_MAX - kChecksum ? length : length + kChecksum;
      const std::uint64_t taken = std::min(have, wanted);
      skip_ = wanted - taken;
      at_ += kHeader + static_cast<std::size_t>(taken);
      continue;
    }
    const std::size_t whole = kHeader + static_cast<std::size_t>(length) + kChecksum;
    if (rest.size() < whole) return false;
    at_ += whole;
    const std::string_view bytes = rest.substr(kHeader, static_cast<std::size_t>(length));
    if (masked_crc32c(bytes) == little_endian(rest.substr(whole - kChecksum, kChecksum))) {
      record = bytes;
      return true;
    }
    ++passed_over_;
  }
  return false;
}

}  // namespace mizan::experiment

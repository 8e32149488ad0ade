// TensorFlow's record files: length, its checksum, bytes, their checksum; one after the other.
//
// Sans-I/O: bytes go in as they come, whole records come out. Checksums are CRC-32C, masked as
// TensorFlow masks them. A record whose bytes are damaged is passed over; a damaged length ends the
// file, since nobody knows where the next record begins.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mizan::experiment {

class EventRecords {
 public:
  static constexpr std::size_t kLargest = 1024 * 1024;  // bytes; graphs and images are passed over

  /// Takes more bytes. Then next() until it is false.
  void feed(std::string_view bytes);
  /// The next whole record; valid until the next call of either.
  bool next(std::string_view& record);

  std::size_t passed_over() const { return passed_over_; }  // records whose checksum was wrong
  bool broken() const { return broken_; }                   // nothing after this place is read
  /// Bytes wait for the rest of their record: at the end of a file it was cut off.
  bool in_the_middle() const { return at_ < buffer_.size() || skip_ > 0; }

 private:
  std::string buffer_;
  std::size_t at_ = 0;      // what is before it was given out
  std::uint64_t skip_ = 0;  // bytes of a record too large to look at
  std::size_t passed_over_ = 0;
  bool broken_ = false;
};

/// CRC-32C, masked: ((crc >> 15) | (crc << 17)) + 0xa282ead8.
std::uint32_t masked_crc32c(std::string_view bytes);

}  // namespace mizan::experiment

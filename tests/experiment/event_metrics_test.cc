// TensorBoard's event files, whole, cut and damaged.
#include "experiment/event_metrics.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "tests/support/event_file.h"

namespace mizan::experiment {
namespace {

using mizan::testing::EventFile;
using store::Measurement;

std::vector<Measurement> read(const std::string& bytes, std::vector<std::string> metrics,
                              const std::string& directory = "/logs", MetricsNotes* notes = nullptr,
                              std::size_t step = 1'000'000) {
  EventMetricsParser parser(directory, std::move(metrics));
  std::vector<Measurement> rows;
  for (std::size_t at = 0; at < bytes.size(); at += step)
    parser.feed(std::string_view(bytes).substr(at, step), rows);
  if (notes != nullptr) *notes = parser.notes();
  return rows;
}

std::string values(const std::vector<Measurement>& rows) {
  std::string all;
  for (const Measurement& row : rows)
    all += row.metric + "=" + row.value + "#" + std::to_string(row.step.value_or(-1)) + " ";
  return all;
}

TEST(MaskedCrcTest, GivesTheKnownAnswers) {
  // CRC-32C of 32 zero bytes is 8a9136aa, of "123456789" e3069283.
  const auto mask = [](std::uint32_t crc) { return (crc >> 15U | crc << 17U) + 0xa282ead8U; };
  EXPECT_EQ(masked_crc32c(std::string(32, '\0')), mask(0x8a9136aaU));
  EXPECT_EQ(masked_crc32c("123456789"), mask(0xe3069283U));
}

TEST(EventMetricsTest, ReadsScalarsOfBothVersionsWithStepAndTime) {
  EventFile file;
  file.scalar("loss", 0.1F, 1, 1638422847.25).tensor("loss", 0.05F, 2).scalar("other", 3, 2);
  MetricsNotes notes;
  const auto rows = read(file.text, {"loss"}, "/logs", &notes);
  EXPECT_EQ(values(rows), "loss=0.1#1 loss=0.05#2 ");
  ASSERT_TRUE(rows[0].time);
  EXPECT_EQ(format_rfc3339_micro(*rows[0].time), "2021-12-02T05:27:27.250000Z");
  EXPECT_EQ(notes.other_names, std::vector<std::string>{"other"});
  EXPECT_TRUE(notes.damage.empty());
}

TEST(EventMetricsTest, FindsAMetricByTagAndDirectory) {
  const struct {
    const char* tag;
    const char* directory;
    const char* metric;
    bool found;
  } cases[] = {
      {"accuracy", "/logs/train", "train/accuracy", true},
      {"accuracy", "/logs/train", "accuracy", true},
      {"accuracy_1", "/logs", "accuracy", true},  // TensorFlow numbers a name's second use
      {"accuracy", "/logs/test", "train/accuracy", false},
      {"accuracy", "/logs/pretrain", "train/accuracy", false},
      {"train/accuracy", "/logs", "train/accuracy", true},  // PyTorch writes tags with slashes
      {"loss_scale", "/logs", "loss", false},               // Katib would take it for loss
      {"los", "/logs", "loss", false},
      {"loss_", "/logs", "loss", false},
  };
  for (const auto& one : cases) {
    EventFile file;
    file.scalar(one.tag, 1, 1);
    EXPECT_EQ(read(file.text, {one.metric}, one.directory).size(), one.found ? 1U : 0U)
        << one.tag << " in " << one.directory << " for " << one.metric;
  }
}

TEST(EventMetricsTest, ReadsEveryNumberOfOneValueATensorCanHold) {
  const auto type = [](unsigned of) { return EventFile::varint_field(1, of); };
  const struct {
    std::string tensor;
    const char* value;  // "": none
  } cases[] = {
      {type(1) + EventFile::bytes(5, EventFile::little(std::bit_cast<std::uint32_t>(2.5F), 4)),
       "2.5"},
      {type(1) + EventFile::fixed32(5, 2.5F), "2.5"},
      {type(2) + EventFile::fixed64(6, 0.1), "0.1"},
      {type(2) + EventFile::bytes(6, EventFile::little(std::bit_cast<std::uint64_t>(0.1), 8)),
       "0.1"},
      {type(2) + EventFile::bytes(4, EventFile::little(std::bit_cast<std::uint64_t>(0.1), 8)),
       "0.1"},
      {type(3) + EventFile::bytes(4, EventFile::little(7, 4)), "7"},
      {type(3) + EventFile::bytes(7, EventFile::varint(300)), "300"},
      {type(9) + EventFile::varint_field(10, 5), "5"},
      {type(1), "0"},
      {type(1) + EventFile::bytes(4, std::string(8, '\0')), ""},  // two numbers
      {type(7) + EventFile::bytes(8, "text"), ""},                // a string
      {type(1) + "\xff", ""},
  };
  for (const auto& one : cases) {
    EventFile file;
    file.raw_tensor("loss", one.tensor, 1);
    const auto rows = read(file.text, {"loss"});
    EXPECT_EQ(rows.empty() ? "" : rows[0].value, one.value) << ::testing::PrintToString(one.tensor);
  }
}

TEST(EventMetricsTest, NonFiniteValuesAreWords) {
  EventFile file;
  file.scalar("loss", std::numeric_limits<float>::quiet_NaN(), 1);
  file.scalar("loss", -std::numeric_limits<float>::infinity(), 2);
  EXPECT_EQ(values(read(file.text, {"loss"})), "loss=nan#1 loss=-inf#2 ");
}

TEST(EventMetricsTest, ADamagedRecordIsPassedOverAndCounted) {
  EventFile file;
  file.scalar("loss", 1, 1);
  const std::size_t second = file.text.size();
  file.scalar("loss", 2, 2).scalar("loss", 3, 3);
  file.text[second + 20] = static_cast<char>(file.text[second + 20] ^ 0x40);
  MetricsNotes notes;
  EXPECT_EQ(values(read(file.text, {"loss"}, "/logs", &notes)), "loss=1#1 loss=3#3 ");
  EXPECT_EQ(notes.damage, "1 records of an event file have a wrong checksum");
}

TEST(EventMetricsTest, ADamagedLengthEndsTheFile) {
  EventFile file;
  file.scalar("loss", 1, 1);
  const std::size_t second = file.text.size();
  file.scalar("loss", 2, 2);
  file.text[second] = static_cast<char>(file.text[second] ^ 1);
  MetricsNotes notes;
  EXPECT_EQ(values(read(file.text, {"loss"}, "/logs", &notes)), "loss=1#1 ");
  EXPECT_EQ(notes.damage, "an event file is damaged; what stands before the damage was read");
}

TEST(EventMetricsTest, ATruncatedFileGivesItsWholeRecords) {
  EventFile file;
  file.scalar("loss", 1, 1).scalar("loss", 2, 2);
  for (std::size_t size = 0; size <= file.text.size(); ++size)
    EXPECT_LE(read(file.text.substr(0, size), {"loss"}).size(), 2U);
  EXPECT_EQ(read(file.text.substr(0, file.text.size() - 1), {"loss"}).size(), 1U);
}

TEST(EventMetricsTest, AnImageOfManyMebibytesIsPassedOverAndWhatFollowsIsRead) {
  EventFile file;
  file.record(std::string(5'000'000, 'i')).scalar("loss", 2, 2);
  EXPECT_EQ(values(read(file.text, {"loss"}, "/logs", nullptr, 4096)), "loss=2#2 ");
}

TEST(EventMetricsTest, AnySplitOfTheSameBytesGivesTheSameMeasurements) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    EventFile file;
    for (int i = 0; i < 10; ++i) file.scalar("loss", static_cast<float>(i), i);
    for (unsigned i = 0; i < random() % 3; ++i)
      file.text[random() % file.text.size()] = static_cast<char>(random());
    EXPECT_EQ(values(read(file.text, {"loss"})),
              values(read(file.text, {"loss"}, "/logs", nullptr, 1 + random() % 13)));
  }
}

TEST(EventMetricsTest, NoBytesAtAllDoHarm) {
  std::mt19937 random(8);
  for (int round = 0; round < 500; ++round) {
    std::string bytes(random() % 200, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    read(bytes, {"loss"});
    Event event;
    read_event(bytes, event);
  }
}

}  // namespace
}  // namespace mizan::experiment

// Files of containers: followed through everything that loggers do, and never out of their volume.
#include "pods/node/file_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_dir.h"

namespace mizan::pods {
namespace {

namespace fs = std::filesystem;

class FileReaderTest : public ::testing::Test {
 protected:
  FileReaderTest() { fs::create_directories(root); }

  void write(const std::string& name, const std::string& text) {
    fs::create_directories((root / name).parent_path());
    std::ofstream(root / name, std::ios::app) << text;
  }
  FileReader reader(const std::string& relative, bool directory = false) {
    return FileReader(Fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)), relative,
                      directory);
  }
  /// "name|bytes" of each piece, with ">" in front where a file begins.
  static std::string read(FileReader& from) {
    const auto pieces = from.next();
    if (!pieces) return "error: " + pieces.error().message;
    std::string all;
    for (const store::FilePiece& piece : *pieces)
      all += (piece.begins ? ">" : "") + piece.name + "|" + piece.bytes + " ";
    return all;
  }

  mizan::testing::TempDir folder;
  fs::path root = fs::path(folder.path()) / "volume";
};

TEST_F(FileReaderTest, FollowsAFileThatIsNotThereYet) {
  FileReader file = reader("logs/m.log");
  EXPECT_EQ(read(file), "");
  write("logs/m.log", "loss=1\n");
  EXPECT_EQ(read(file), ">|loss=1\n ");
  EXPECT_EQ(read(file), "");
  write("logs/m.log", "loss=2\n");
  EXPECT_EQ(read(file), "|loss=2\n ");
}

TEST_F(FileReaderTest, GoesOnWithTheNextFileWhenOneIsRotatedAway) {
  FileReader file = reader("m.log");
  write("m.log", "loss=1\n");
  EXPECT_EQ(read(file), ">|loss=1\n ");
  write("m.log", "loss=2\n");
  fs::rename(root / "m.log", root / "m.log.1");
  write("m.log", "loss=3\n");
  EXPECT_EQ(read(file), "|loss=2\n >|loss=3\n ");
}

TEST_F(FileReaderTest, BeginsAnewWhenAFileIsCut) {
  FileReader file = reader("m.log");
  write("m.log", "loss=1\nloss=2\n");
  read(file);
  fs::resize_file(root / "m.log", 0);
  write("m.log", "loss=3\n");
  EXPECT_EQ(read(file), ">|loss=3\n ");
}

TEST_F(FileReaderTest, GivesALargeFileInPieces) {
  write("m.log", std::string(1'000'000, 'x'));
  FileReader file = reader("m.log");
  std::size_t size = 0, calls = 0;
  for (auto pieces = file.next(); pieces && !pieces->empty(); pieces = file.next(), ++calls) {
    for (const store::FilePiece& piece : *pieces) size += piece.bytes.size();
  }
  EXPECT_EQ(size, 1'000'000U);
  EXPECT_GE(calls, 4U);
}

TEST_F(FileReaderTest, FollowsNoLinkOutOfTheVolume) {
  std::ofstream(fs::path(folder.path()) / "secret") << "loss=1\n";
  fs::create_symlink(fs::path(folder.path()) / "secret", root / "absolute");
  fs::create_symlink("../secret", root / "relative");
  fs::create_directory_symlink("..", root / "up");
  for (const char* name : {"absolute", "relative", "up/secret", "../secret"}) {
    FileReader file = reader(name);
    EXPECT_EQ(read(file),
              std::string("error: ") + name + " is a link that leads out of its volume");
  }
  FileReader all = reader("", true);
  EXPECT_EQ(read(all), "");
}

TEST_F(FileReaderTest, FollowsALinkWithinTheVolume) {
  write("runs/7/m.log", "loss=1\n");
  fs::create_directory_symlink("runs/7", root / "latest");
  FileReader file = reader("latest/m.log");
  EXPECT_EQ(read(file), ">|loss=1\n ");
}

TEST_F(FileReaderTest, ReadsRegularFilesOnly) {
  ASSERT_EQ(::mkfifo((root / "pipe").c_str(), 0600), 0);
  FileReader pipe = reader("pipe");
  EXPECT_EQ(read(pipe), "error: pipe is no regular file");  // and does not wait for a writer
  fs::create_directory(root / "folder");
  FileReader directory = reader("folder");
  EXPECT_EQ(read(directory), "error: folder is no regular file");
}

TEST_F(FileReaderTest, ReadsAllFilesBelowADirectory) {
  write("train/a", "1");
  write("b", "2");
  FileReader all = reader("", true);
  EXPECT_EQ(read(all), ">b|2 >train/a|1 ");
  write("train/a", "3");
  write("valid/deep/c", "4");
  EXPECT_EQ(read(all), "train/a|3 >valid/deep/c|4 ");
}

TEST(PlaceOfTest, IsTheDeepestMountOfThePath) {
  ContainerPlan container;
  container.name = "main";
  container.mounts = {{"volumes/data", "/data", false, false},
                      {"volumes/runs/sub", "/data/runs", false, false},
                      {"", "/scratch", false, true}};
  const struct {
    const char* path;
    const char* root;  // nullptr: none
    const char* relative;
  } cases[] = {
      {"/data/m.log", "volumes/data", "m.log"},
      {"/data/runs/7/m.log", "volumes/runs/sub", "7/m.log"},
      {"/data/runs/", "volumes/runs/sub", ""},
      {"/database/m.log", nullptr, ""},
      {"/var/log/katib/metrics.log", "containers/main/katib", "metrics.log"},
      {"/tmp/x", "containers/main/tmp", "x"},
      {"/scratch/m.log", nullptr, ""},  // nothing of it is on the host
      {"/etc/passwd", nullptr, ""},
  };
  for (const auto& one : cases) {
    const auto place = place_of(container, one.path);
    ASSERT_EQ(place.has_value(), one.root != nullptr) << one.path;
    if (!place) continue;
    EXPECT_EQ(place->root, one.root);
    EXPECT_EQ(place->relative, one.relative);
  }
}

}  // namespace
}  // namespace mizan::pods

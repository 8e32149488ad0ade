// What a process uses, and the most that it has used, seen from outside.
#include "pods/shim/process_tree.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

namespace mizan::pods {
namespace {

constexpr std::size_t kBlock = 64UZ << 20U;

/// A child that holds 64 MiB for a moment, says so, and lives on without them.
class BriefHolder {
 public:
  BriefHolder() {
    if (::pipe(said_) != 0) throw std::runtime_error("no pipe");
    pid_ = ::fork();
    if (pid_ != 0) {
      char word = 0;
      if (::read(said_[0], &word, 1) != 1) throw std::runtime_error("the child said nothing");
      return;
    }
    void* block =
        ::mmap(nullptr, kBlock, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    std::memset(block, 1, kBlock);
    ::munmap(block, kBlock);
    (void)!::write(said_[1], "x", 1);
    for (;;) ::pause();
  }
  ~BriefHolder() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    ::close(said_[0]);
    ::close(said_[1]);
  }
  BriefHolder(const BriefHolder&) = delete;
  BriefHolder& operator=(const BriefHolder&) = delete;

  pid_t pid() const { return pid_; }

 private:
  int said_[2] = {-1, -1};
  pid_t pid_ = 0;
};

TEST(ProcessTreeTest, KnowsAPeakThatNoSampleCouldHaveMet) {
  const BriefHolder child;
  const std::uint64_t now = memory_of(child.pid());

  EXPECT_GT(peak_memory_of(child.pid()), now + kBlock / 2);

  forget_peak_memory_of(child.pid());
  EXPECT_LT(peak_memory_of(child.pid()), now + kBlock / 2);
}

TEST(ProcessTreeTest, TakesAProcessThatIsGoneForOneWithoutMemory) {
  EXPECT_EQ(memory_of(0x3fffffff), 0U);
  EXPECT_EQ(peak_memory_of(0x3fffffff), 0U);
  forget_peak_memory_of(0x3fffffff);
}

}  // namespace
}  // namespace mizan::pods

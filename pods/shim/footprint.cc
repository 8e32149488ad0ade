// Gives memory back that only the start needed.
#include "pods/shim/footprint.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>

#include "pods/shim/pod_folder.h"

namespace mizan::pods {

void drop_program_text() {
  const Result<std::string> maps = read_file_at(AT_FDCWD, "/proc/self/maps");
  if (!maps) return;
  const char* line = maps->c_str();
  while (*line != '\0') {
    // 7f00-7f10 r-xp 00000000 fe:00 1234   /path
    char* at = nullptr;
    const std::uintptr_t begin = std::strtoull(line, &at, 16);
    const std::uintptr_t end = *at == '-' ? std::strtoull(at + 1, &at, 16) : begin;
    const std::string_view rest(at);
    const std::string_view here = rest.substr(0, rest.find('\n'));
    // Executable and never writable: no page of it can differ from the file.
    if (here.starts_with(" r-xp ") && here.find('/') != here.npos)
      // NOLINTNEXTLINE(performance-no-int-to-ptr): the address comes out of a text
      ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
    line = at + here.size();
    if (*line == '\n') ++line;
  }
}

}  // namespace mizan::pods

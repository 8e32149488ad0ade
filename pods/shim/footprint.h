// Keeping a shim small while it waits: hundreds of them may stand beside a server for hours.
#pragma once

namespace mizan::pods {

/// Lets go of the program's code pages. They are read-only copies of files and come back, a few at
/// a time, when they are executed again; a shim that waits needs almost none of them.
void drop_program_text();

}  // namespace mizan::pods

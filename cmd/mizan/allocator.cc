// How jemalloc keeps memory: few arenas, as few threads allocate, and what was freed goes back to
// the system within a second, so that an idle server stays small.
extern "C" {
// Read by jemalloc before main() begins.
extern const char* const malloc_conf;
const char* const malloc_conf = "narenas:2,dirty_decay_ms:1000,muzzy_decay_ms:0";
}

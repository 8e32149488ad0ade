// The program's main() as far as the shim is concerned, for tests that need a binary to start.
#include "pods/shim/shim.h"

int main(int argc, char** argv) { return mizan::pods::shim_main(argc - 1, argv + 1); }

// The program's main() as far as the runner of warm pods is concerned.
#include "pods/runner/runner.h"

int main(int argc, char** argv) { return mizan::pods::runner_main(argc, argv); }

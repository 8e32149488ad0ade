# Which compilers are taken, and the flags that every target has.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
  message(FATAL_ERROR
    "g++ ${CMAKE_CXX_COMPILER_VERSION} frees temporaries of co_await expressions twice (docs/adr/0003). "
    "Use clang 19: cmake --preset dev, or -DCMAKE_CXX_COMPILER=clang++-19.")
endif()
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(MIZAN_SANITIZE "" CACHE STRING "Sanitizers for everything that is built, as for -fsanitize=")
option(MIZAN_WERROR "Warnings are errors" OFF)

add_library(mizan_flags INTERFACE)
target_include_directories(mizan_flags INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_definitions(mizan_flags INTERFACE
  _GLIBCXX_ASSERTIONS BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED EIGEN_DONT_PARALLELIZE)
target_compile_options(mizan_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wimplicit-fallthrough -Wnull-dereference -Wdouble-promotion
  $<$<BOOL:${MIZAN_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # libstdc++ 12's own std::stable_sort calls what C++20 deprecates; clang reports that at our call.
  target_compile_options(mizan_flags INTERFACE -Wno-deprecated-declarations)
endif()
if(MIZAN_SANITIZE)
  target_compile_options(mizan_flags INTERFACE -fsanitize=${MIZAN_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(mizan_flags INTERFACE -fsanitize=${MIZAN_SANITIZE})
endif()
find_program(MIZAN_LLD NAMES ld.lld-19 ld.lld)
if(MIZAN_LLD AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_link_options(mizan_flags INTERFACE "--ld-path=${MIZAN_LLD}")
endif()

# Brings node_modules to what package-lock.json says, unless it already is. Builds of several presets share it, so one
# at a time may look: cmake -DNPM=... -DDIR=... -P install.cmake
file(SHA256 "${DIR}/package-lock.json" wanted)
set(mark "${DIR}/node_modules/.mizan-installed")
file(MAKE_DIRECTORY "${DIR}/node_modules")
file(LOCK "${DIR}/node_modules.lock" GUARD PROCESS TIMEOUT 600)
set(present "")
if(EXISTS "${mark}")
  file(READ "${mark}" present)
endif()
if(NOT present STREQUAL wanted)
  execute_process(COMMAND "${NPM}" ci --no-audit --no-fund --no-progress --loglevel=error
    WORKING_DIRECTORY "${DIR}" RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(failed)
    message(FATAL_ERROR "npm ci failed in ${DIR}:\n${output}\n"
      "The dashboard needs the npm registry once. Without it: -DMIZAN_DASHBOARD=OFF.")
  endif()
  file(WRITE "${mark}" "${wanted}")
endif()
file(LOCK "${DIR}/node_modules.lock" RELEASE)
file(TOUCH "${STAMP}")

# cmake -DFROM=FOLDER -DFILES=a|b -DTO=FILE.cpp -P template.cmake: writes the files of FOLDER into an array of
# (path, text), for project_template() of new_project.hpp.
string(REPLACE "|" ";" files "${FILES}")
set(rows "")
foreach(file IN LISTS files)
    file(READ "${FROM}/${file}" text)
    if(text MATCHES "\\)brio~\"")
        message(FATAL_ERROR "${file} has the end of a raw string in it")
    endif()
    string(APPEND rows "    {\"${file}\", R\"brio~(${text})brio~\"},\n")
endforeach()
file(WRITE "${TO}" "// Generated from ${FROM}.
#include <tools/brio/new_project.hpp>

namespace brio::tool {
namespace {

constexpr TemplateFile files[] = {
${rows}};

}  // namespace

std::span<const TemplateFile> project_template() noexcept { return files; }

}  // namespace brio::tool
")

#include <brio/load/output_file.hpp>

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <brio/base/text.hpp>

namespace brio::load {

void write_file(const std::string& file, std::string_view text) {
    errno = 0;
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    if (!(out << text).flush()) {
        throw std::runtime_error(concat({"cannot write ", file, ": ", std::strerror(errno)}));
    }
}

std::string writing_fault(const std::string& file) {
    std::error_code failed;
    if (std::filesystem::is_directory(file, failed)) {
        return concat({"cannot write ", file, ": ", std::strerror(EISDIR)});
    }
    const auto folder = std::filesystem::path(file).parent_path();
    const bool is_there = ::access(file.c_str(), F_OK) == 0;
    const std::string asked = is_there ? file : folder.empty() ? "." : folder.string();
    return ::access(asked.c_str(), W_OK) == 0 ? std::string()
                                              : concat({"cannot write ", file, ": ", std::strerror(errno)});
}

std::string read_file(const std::string& file) {
    errno = 0;
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    const bool is_empty = in && in.peek() == std::ifstream::traits_type::eof();
    if (in.bad() || (!is_empty && !(text << in.rdbuf()))) {
        throw std::runtime_error(concat({"cannot read ", file, ": ", std::strerror(errno)}));
    }
    return std::move(text).str();
}

}  // namespace brio::load

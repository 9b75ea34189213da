// Uses the installed headers and one function that only the installed library defines (Buffer::grow).
#include <cstdio>

#include <brio/base/buffer.hpp>

int main() {
    brio::Buffer buffer;
    buffer.append("brio is installed");
    std::printf("%.*s\n", static_cast<int>(buffer.size()), buffer.data());
    return buffer.view() == "brio is installed" ? 0 : 1;
}

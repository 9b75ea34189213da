#include <brio/redis/command.hpp>

#include <charconv>

#include <brio/base/text.hpp>

namespace brio::redis {

Command& Command::add(std::string_view argument) {
    char head[24];
    head[0] = '$';
    char* end = std::to_chars(head + 1, head + 22, argument.size()).ptr;
    *end++ = '\r';
    *end++ = '\n';
    const auto head_size = static_cast<std::size_t>(end - head);
    arguments_.append(head, head_size).append(argument).append("\r\n", 2);
    ++count_;
    return *this;
}

Command& Command::add_integer(std::int64_t argument) {
    char digits[21];
    return add(std::string_view(digits, std::to_chars(digits, digits + sizeof digits, argument).ptr));
}

void Command::append_to(Buffer& out) const {
    out.push_back('*');
    append_integer(out, count_);
    out.append("\r\n");
    out.append(arguments_);
}

}  // namespace brio::redis

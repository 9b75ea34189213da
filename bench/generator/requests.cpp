#include <bench/generator/requests.hpp>

#include <algorithm>
#include <random>
#include <stdexcept>

namespace bench {
namespace {

std::string with_number(std::string_view text, std::uint64_t number) {
    std::string result;
    for (std::size_t at = text.find("{n}"); at != std::string_view::npos; at = text.find("{n}")) {
        result += text.substr(0, at);
        result += std::to_string(number);
        text.remove_prefix(at + 3);
    }
    return result += text;
}

}  // namespace

void RequestPool::add(std::string_view request) {
    bytes_ += request;
    ends_.push_back(bytes_.size());
    ++count_;
}

void RequestPool::seal() {
    for (std::size_t i = 0; i < longest_run_; ++i) {
        const std::string again(run(i, 1));
        bytes_ += again;
        ends_.push_back(bytes_.size());
    }
}

std::string render(const RequestTemplate& request, std::uint64_t number) {
    const std::string body = with_number(request.body, number);
    std::string bytes =
        request.method + ' ' + with_number(request.path, number) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    for (const std::string& field : request.fields) {
        bytes += field + "\r\n";
    }
    if (!body.empty()) {
        bytes += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    }
    return bytes + "\r\n" + body;
}

RequestPool make_pool(const RequestTemplate& request, std::size_t variants, std::size_t longest_run) {
    RequestPool pool(longest_run);
    std::mt19937_64 random(20240314);
    std::uniform_int_distribution<std::uint64_t> numbers(request.first, request.last);
    const std::uint64_t span = request.last - request.first + 1;
    for (std::size_t i = 0; i < variants; ++i) {
        pool.add(render(request, request.in_sequence ? request.first + i % span : numbers(random)));
    }
    pool.seal();
    return pool;
}

RequestPool make_pool_of_lines(std::string_view text, RequestTemplate request, std::size_t longest_run) {
    RequestPool pool(longest_run);
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.empty()) {
            continue;
        }
        const std::size_t after_method = line.find(' ');
        if (after_method == std::string_view::npos || after_method + 1 == line.size() ||
            line[after_method + 1] != '/') {
            throw std::invalid_argument("line " + std::to_string(number) + " is not \"METHOD /path [body]\"");
        }
        const std::size_t after_path = std::min(line.find(' ', after_method + 1), line.size());
        request.method = line.substr(0, after_method);
        request.path = line.substr(after_method + 1, after_path - after_method - 1);
        request.body = after_path == line.size() ? std::string_view() : line.substr(after_path + 1);
        pool.add(render(request, pool.size() + 1));
    }
    if (pool.size() == 0) {
        throw std::invalid_argument("there is no request in the list");
    }
    pool.seal();
    return pool;
}

}  // namespace bench

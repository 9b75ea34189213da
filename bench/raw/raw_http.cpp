// The raw limit of a small answer: epoll, the end of the head found, one fixed answer. Whatever a framework
// adds to this is its own cost.
#include <bench/common/fixed_answer.hpp>
#include <bench/common/http_head.hpp>
#include <bench/raw/epoll_loop.hpp>
#include <iostream>

namespace {

using namespace bench;

struct FixedAnswer {
    std::string answer;

    Step step(Connection&, std::string_view input, brio::Buffer& out) const {
        const auto length = head_length(input);
        if (!length) {
            return {input.size() > 16384 ? Step::Outcome::refused : Step::Outcome::incomplete};
        }
        if (!input.starts_with("GET ")) {
            out.append("HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\nContent-Length: 0\r\n\r\n");
            return {Step::Outcome::refused, *length};
        }
        out.append(answer);
        return {Step::Outcome::answered, *length};
    }
    void end_of_turn(EpollLoop<FixedAnswer>&) const {}
};

}  // namespace

int main(int argc, char** argv) {
    try {
        int exit_status = 0;
        auto options =
            bench::fixed_answer_options(argc, argv, "The raw limit of a small answer: epoll.", exit_status);
        if (!options) {
            return exit_status;
        }
        FixedAnswer service{std::move(options->answer)};
        EpollLoop<FixedAnswer>(options->port, service).run();
    } catch (const std::exception& error) {
        std::cerr << "bench_raw_http: " << error.what() << '\n';
        return 1;
    }
}

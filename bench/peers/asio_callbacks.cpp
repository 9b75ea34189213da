// Bare Asio with callbacks, one io_context, speculative reads: what the event loop alone costs against raw
// epoll.
#define ASIO_NO_DEPRECATED
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/write.hpp>
#include <bench/common/fixed_answer.hpp>
#include <bench/common/http_head.hpp>
#include <iostream>

namespace {

class Session : public std::enable_shared_from_this<Session> {
public:
    Session(asio::ip::tcp::socket socket, const std::string& answer)
        : socket_(std::move(socket)),
          answer_(answer) {}

    void read() {
        if (used_ == input_.size()) {
            return;  // a head that does not fit: the connection ends with its last reference
        }
        socket_.async_read_some(asio::buffer(input_.data() + used_, input_.size() - used_),
                                [self = shared_from_this()](asio::error_code error, std::size_t count) {
                                    if (!error) {
                                        self->used_ += count;
                                        self->answer();
                                    }
                                });
    }

private:
    void answer() {
        std::string_view input(input_.data(), used_);
        out_.clear();
        while (const auto length = bench::head_length(input)) {
            if (!input.starts_with("GET ")) {
                return;
            }
            out_ += answer_;
            input.remove_prefix(*length);
        }
        used_ = input.size();
        if (used_ != 0) {
            std::memmove(input_.data(), input.data(), used_);
        }
        if (out_.empty()) {
            read();
            return;
        }
        asio::async_write(socket_, asio::buffer(out_),
                          [self = shared_from_this()](asio::error_code error, std::size_t) {
                              if (!error) {
                                  self->read();
                              }
                          });
    }

    asio::ip::tcp::socket socket_;
    const std::string& answer_;
    std::array<char, 16384> input_;
    std::size_t used_ = 0;
    std::string out_;
};

void accept(asio::ip::tcp::acceptor& acceptor, const std::string& answer) {
    acceptor.async_accept([&](asio::error_code error, asio::ip::tcp::socket socket) {
        if (!error) {
            socket.set_option(asio::ip::tcp::no_delay(true));
            std::make_shared<Session>(std::move(socket), answer)->read();
        }
        accept(acceptor, answer);
    });
}

}  // namespace

int main(int argc, char** argv) {
    try {
        int exit_status = 0;
        const auto options =
            bench::fixed_answer_options(argc, argv, "A small answer by Asio callbacks.", exit_status);
        if (!options) {
            return exit_status;
        }
        asio::io_context loop(1);
        asio::ip::tcp::acceptor acceptor(loop, {asio::ip::address_v4::loopback(), options->port});
        accept(acceptor, options->answer);
        loop.run();
    } catch (const std::exception& error) {
        std::cerr << "bench_asio_callbacks: " << error.what() << '\n';
        return 1;
    }
}

#include "top_live.hpp"

#include <pthread.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <exception>
#include <optional>
#include <utility>

#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/later.hpp>
#include <brio/runtime/run.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/runtime/signals.hpp>
#include <brio/runtime/within.hpp>

#include "terminal.hpp"
#include "top_view.hpp"

namespace brio::tool {

namespace {

constexpr std::chrono::milliseconds escape_lasts{40};  // a key that sends more than an escape is quicker

class Live : private runtime::Watch {
public:
    explicit Live(LiveOptions options)
        : Watch([](Watch& watch, std::uint32_t events) { static_cast<Live&>(watch).hear(events); }),
          every_(options.every),
          choice_(std::move(options.choice)),
          signals_(loop_, {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP},
                   [this](int signal) { guard([&] { receive(signal); }); }),
          reader_(std::move(options.reader)),
          settle_(loop_, *this, &Live::settle) {}

    ~Live() {
        if (is_watching()) {
            loop_.remove(*this);
        }
    }

    LiveEnd run() {
        runtime::run(loop_, live());
        terminal_.reset();
        if (error_) {
            std::rethrow_exception(error_);
        }
        return end_;
    }

private:
    Async<void> live() {
        runtime::Scope scope(co_await runtime::current_work);
        scope.start(follow());
        while (!is_over_) {
            co_await over_.wait();
        }
        scope.stop(runtime::StopReason::shutdown);
        try {
            co_await scope.join();
        } catch (const runtime::Cancelled&) {
            // as it was told
        }
    }

    Async<void> follow() {
        while (!is_over_) {
            if (!choice_.is_paused) {
                co_await reader_.read({.queries = choice_.page == Page::queries});
                guard([this] { show_news(); });
            }
            co_await runtime::within(every_, hurry());
        }
    }
    Async<bool> hurry() {
        co_await hurry_.wait();
        co_return true;
    }

    void show_news() {
        if (!terminal_) {
            if (auto failure = reader_.failure(); !failure.empty()) {
                end_ = {.failure = std::move(failure), .status = 1};
                finish();
                return;
            }
            terminal_.emplace();
            loop_.add(*this, STDIN_FILENO, EPOLLIN);
        }
        if (!choice_.is_paused) {
            shown_ = reader_.state();
        }
        draw_now();
    }

    void draw_now() {
        if (!terminal_ || is_over_) {
            return;
        }
        const auto size = Terminal::size();
        auto drawing = draw(shown_, choice_, size);
        bounds_ = {.processes = shown_.processes.size(),
                   .most_scrolled = drawing.most_scrolled,
                   .lines = drawing.page_lines};
        choice_.scrolled = std::min(choice_.scrolled, drawing.most_scrolled);
        if (!Terminal::write(write_screen(drawing.lines, size.columns, size.rows, look_))) {
            finish();
        }
    }

    void hear(std::uint32_t events) {
        guard([&] {
            char bytes[256];
            const auto count = ::read(STDIN_FILENO, bytes, sizeof bytes);
            if (count <= 0) {
                // nothing is there when what was typed behind Ctrl-Z has been thrown away
                const bool is_none = count == 0 || errno == EINTR || errno == EAGAIN;
                if (!is_none || (events & (EPOLLHUP | EPOLLERR)) != 0) {
                    finish();  // the terminal is gone
                }
                return;
            }
            take(keys_.read({bytes, static_cast<std::size_t>(count)}));
            if (keys_.is_waiting()) {
                settle_.in(escape_lasts);
            }
        });
    }
    void settle() {
        guard([this] { take(keys_.settle()); });
    }

    void take(const std::vector<Key>& keys) {
        for (const auto& key : keys) {
            const auto page = choice_.page;
            const auto act = press(choice_, key, bounds_);
            if (act == Act::quit) {
                finish();
                return;
            }
            if (act == Act::refresh || (page != choice_.page && choice_.page == Page::queries)) {
                hurry_.notify_all();
            }
        }
        draw_now();
    }

    void receive(int signal) {
        if (signal == SIGWINCH) {
            draw_now();
        } else if (signal == SIGTSTP) {
            rest();
        } else {
            end_.status = signal == SIGINT ? 0 : 128 + signal;
            finish();
        }
    }

    // Stopped, as a shell stops what runs before it, until it goes on.
    void rest() {
        if (terminal_) {
            terminal_->leave();
        }
        sigset_t stop;
        sigemptyset(&stop);
        sigaddset(&stop, SIGTSTP);
        std::raise(SIGTSTP);
        pthread_sigmask(SIG_UNBLOCK, &stop, nullptr);
        pthread_sigmask(SIG_BLOCK, &stop, nullptr);
        if (terminal_) {
            terminal_->enter();
            draw_now();
        }
    }

    void finish() {
        is_over_ = true;
        over_.notify_all();
    }

    // What is thrown ends it, when everything that is under way has ended.
    template <class Function>
    void guard(Function function) noexcept {
        try {
            function();
        } catch (...) {
            error_ = std::current_exception();
            finish();
        }
    }

    runtime::Loop loop_;
    const std::chrono::nanoseconds every_;
    Choice choice_;
    runtime::Signals signals_;  // before threads begin, which leave them to it
    TopReader reader_;
    const Look look_ = look_of_output();
    TopState shown_;
    Bounds bounds_;
    KeyReader keys_;
    std::optional<Terminal> terminal_;
    runtime::WaitList over_;
    runtime::WaitList hurry_;
    runtime::Later<Live> settle_;
    bool is_over_ = false;
    LiveEnd end_;
    std::exception_ptr error_;
};

}  // namespace

LiveEnd follow_live(LiveOptions options) { return Live(std::move(options)).run(); }

}  // namespace brio::tool

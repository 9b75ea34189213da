// Commands that a coroutine waits for: `co_await client.command("GET", key)`.
//
// Commands that are sent in one turn of a loop leave in one write, or in a few of 16 and more commands;
// answers come in the order of commands.
// A wait ends with its time (then the answer that may still come is thrown away, and the order of the others
// is kept), or with Cancelled when its unit of work is stopped. In both cases the command may yet be carried
// out.
#pragma once
#include <coroutine>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <brio/redis/command.hpp>
#include <brio/redis/failure.hpp>
#include <brio/redis/reply.hpp>
#include <brio/runtime/async.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::redis {

class Connection;
class Script;
class Sender;

struct CallOptions {
    std::optional<std::chrono::nanoseconds> timeout = {};  // none: the sender's
};

/// Commands that are sent together and waited for together. Lives in the frame of the coroutine that waits.
class Call : runtime::Timer, runtime::StopCallback {
public:
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call();

    bool await_ready() const noexcept { return false; }
    template <std::derived_from<runtime::PromiseBase> P>
    bool await_suspend(std::coroutine_handle<P> handle) {
        return begin(*handle.promise().work, handle);
    }

protected:
    Call(Sender& sender, std::span<const Command> commands, std::span<Reply> replies,
         CallOptions options) noexcept;
    /// Throws Cancelled.
    std::optional<Failure>& outcome() {
        work_->check();
        return failure_;
    }

private:
    friend class Client;
    friend class Connection;
    friend class Sender;
    bool begin(runtime::Work& work, runtime::Waiting waiting);
    void stop_waiting();
    void time_out();
    /// Never resumes by itself.
    void fail(Failure failure) noexcept {
        failure_ = std::move(failure);
        has_ended_ = true;
    }
    void resume();

    Sender& sender_;
    std::span<const Command> commands_;
    std::span<Reply> replies_;
    CallOptions options_;
    std::optional<Failure> failure_;
    runtime::Work* work_ = nullptr;
    runtime::Waiting waiting_;
    Connection* connection_ = nullptr;  // where it was sent
    std::uint64_t number_ = 0;          // its place there
    std::uint32_t answered_ = 0;
    bool is_under_way_ = false;
    bool has_ended_ = false;
    Call* next_done_ = nullptr;  // while it is about to be resumed
    Call** done_at_ = nullptr;   // the pointer that points here
};

/// Gives the outcome.
class Attempt : public Call {
public:
    Attempt(Sender& sender, Command command, CallOptions options)
        : Call(sender, std::span(&command_, 1), std::span(&reply_, 1), options),
          command_(std::move(command)) {}
    Outcome await_resume();

private:
    Command command_;
    Reply reply_;
};

/// Gives the reply or throws.
class ThrowingAttempt : public Attempt {
public:
    using Attempt::Attempt;
    Reply await_resume();
};

/// Gives the replies of all, errors among them, or throws when not all were answered.
class BatchCall : public Call {
public:
    BatchCall(Sender& sender, std::vector<Command> commands, std::vector<Reply> replies, CallOptions options)
        : Call(sender, commands, replies, options),
          commands_(std::move(commands)),
          replies_(std::move(replies)) {}
    std::expected<std::vector<Reply>, Failure> await_resume();

private:
    std::vector<Command> commands_;
    std::vector<Reply> replies_;
};

/// What carries out commands: a Client, or one Connection.
class Sender {
public:
    /// `co_await sender.command("SET", key, value)` gives the Reply. Throws what throw_failure() throws.
    template <class... Arguments>
    ThrowingAttempt command(std::string_view name, const Arguments&... arguments) {
        return {*this, Command(name, arguments...), {}};
    }
    ThrowingAttempt command(Command command, CallOptions options = {}) {
        return {*this, std::move(command), options};
    }
    /// The same for who can do without: an Outcome, with an error reply as its failure.
    Attempt attempt(Command command, CallOptions options = {}) {
        return {*this, std::move(command), options};
    }
    /// All of them in one go: as many replies in their order, of which some may be errors; or why there are
    /// none. Not a transaction: other clients' commands may come in between.
    BatchCall commands(std::vector<Command> commands, CallOptions options = {}) {
        std::vector<Reply> replies(commands.size());
        return {*this, std::move(commands), std::move(replies), options};
    }
    /// Runs a script by its hash, and sends its text only where the server does not know it yet.
    /// `script` lives until the outcome.
    Async<Outcome> run(const Script& script, std::vector<std::string> keys,
                       std::vector<std::string> arguments, CallOptions options = {});

    /// Sends without waiting, on the loop's thread; what becomes of it is counted, and that is all. False
    /// when it was not sent.
    virtual bool send(runtime::Loop& loop, const Command& command) = 0;

protected:
    ~Sender() = default;

private:
    friend class Call;
    friend class Client;
    /// Sends, or ends the call at once with a failure.
    virtual void submit(Call& call, runtime::Loop& loop) = 0;
    virtual std::chrono::nanoseconds timeout() const noexcept = 0;
};

}  // namespace brio::redis

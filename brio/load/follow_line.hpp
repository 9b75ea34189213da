// A connection between the leader of a load test and one who makes the load for it.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include <brio/load/follow_message.hpp>
#include <brio/runtime/file.hpp>

namespace brio::load::follow {

/// One thread, which may block.
class Line {
public:
    /// What is sent waits so long for a peer who takes nothing.
    static constexpr std::chrono::seconds patience{5};
    /// What a peer sends or acknowledges nothing for is gone, while something is to come from it.
    static constexpr std::chrono::seconds longest_silence{10};

    /// Of a connected stream socket. The peer has not greeted yet.
    explicit Line(runtime::File socket);

    /// Larger frames, and more of them at a time, for a peer who has greeted.
    void trust() noexcept;
    /// Whether the kernel has taken it; problem() says why not.
    bool send(const Message& message);
    /// What has come, in order, of a peer who has not greeted one read of it: nobody keeps a leader from its
    /// followers by sending. Does not wait. An ended connection is a problem(); what came before counts.
    std::vector<Message> receive();
    /// Nothing more is sent; waits for the peer to have read what was, and to end it too.
    void finish();

    /// Why nothing can be sent or received any more; empty while it can.
    const std::string& problem() const noexcept { return problem_; }
    int fd() const noexcept { return socket_.fd(); }

private:
    void read_messages(std::vector<Message>& messages);

    runtime::File socket_;
    FrameReader reader_;
    std::size_t most_reads_ = 1;  // at a time
    std::string problem_;
};

/// Whether something can be read from one of `fds`, after at most `most`; a signal ends the wait.
bool wait_for(const std::vector<int>& fds, std::chrono::nanoseconds most);

}  // namespace brio::load::follow

// What one process does for a PostgreSQL database beside its statements, on a thread and a connection of its
// own: table generations across processes, notifications, cancelling, how many connections the server has
// left. Internal.
//
// A commit moves its tables' generations in this process at once. Other processes learn of it by a NOTIFY
// that is sent when the commit is known, so commits do not queue up behind NOTIFY's lock (which would cost
// them their group commit). Each transaction that writes also moves a sequence, brio_generation_NN; processes
// look at these every quarter of a second, and a sequence that moved without a notification tells of a
// process that died in between. docs/decisions/postgresql-generations.md has the measurements.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <brio/db/cascades.hpp>
#include <brio/db/notifications.hpp>
#include <brio/db/postgres_cancels.hpp>
#include <brio/db/postgres_connector.hpp>
#include <brio/db/postgres_moves.hpp>
#include <brio/db/postgres_room.hpp>
#include <brio/runtime/file.hpp>
#include <brio/sql/generations.hpp>

namespace brio::db::postgres {

class Link;

class Keeper final : public Notifications {
public:
    /// `counts`: the database has the sequences.
    Keeper(ConnectOptions options, sql::Generations& generations, bool counts);
    ~Keeper() override;
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;

    bool counts() const noexcept { return counts_; }
    /// `told` is called on the keeper's thread each second with what the server has left, while it is
    /// connected. Empty: nobody wants to know from now on; no call is under way when this returns.
    void on_room(std::function<void(const Room&)> told);
    /// As they were a moment ago; null until they are known.
    std::shared_ptr<const Cascades> cascades();
    /// Tells other processes that the tables were written; `moved` are the sequences that the transaction
    /// moved. Any thread.
    void committed(const std::vector<std::string>& tables, const std::vector<std::size_t>& moved);
    /// Asks the server to cancel what that process of it runs. Ends when the server has signalled it, or when
    /// it cannot be asked.
    Async<void> cancel(int server_process) { return cancels_.ask(server_process); }
    /// Destroys it in some seconds, when the server has ended whatever a lost connection left there.
    void keep_for_a_while(std::unique_ptr<Connection::Attachment> thing);

    Subscription listen(std::string channel, Receive receive) override;
    void notify(std::string channel, std::string payload) override;

private:
    struct Listening;
    struct Note {
        std::string channel;
        std::string payload;
        friend bool operator==(const Note&, const Note&) = default;
    };
    struct Work {
        Commits commits;
        std::deque<Note> notes;
        bool channels_changed = false;
        /// All of it, or all but what is to be told of commits; of the notes some at a time.
        Work take(bool with_commits);
    };
    static constexpr std::size_t most_notes = 4096;
    static constexpr std::size_t notes_at_once = 100;

    void wake() noexcept;
    void serve();
    bool serve_link(Link& link);
    void tell_of_a_gap();
    void do_work(Link& link, Work& work);
    void send(Link& link, std::deque<Note>& notes);
    void take_notifications(Link& link);
    void take_generations(std::string_view payload);
    void read_cascades(Link& link);
    void take_name(Link& link);
    void read_room(Link& link);
    void hear(Link& link);
    void look(Link& link);
    void look_at_counts(Link& link);
    void move(std::string_view table);
    void release_kept();

    const ConnectOptions options_;
    sql::Generations& generations_;
    const bool counts_;
    runtime::File wakeup_;
    Moves moves_;  // the thread's, but for what is moved here
    Cancels cancels_{[this] { wake(); }};

    std::string name_;  // of this program's connections at the server; the thread's
    std::mutex room_mutex_;
    std::function<void(const Room&)> room_told_;  // guarded by room_mutex_

    std::mutex mutex_;
    Work work_;  // guarded by mutex_, as is all below
    std::shared_ptr<const Cascades> cascades_;
    std::multimap<std::string, std::weak_ptr<Listening>> listening_;
    std::deque<std::pair<std::chrono::nanoseconds, std::unique_ptr<Connection::Attachment>>> kept_;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace brio::db::postgres

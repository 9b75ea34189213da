#include <brio/app/server_news.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace brio::app {
namespace {

ino_t inode(int fd) {
    struct stat found{};
    ::fstat(fd, &found);
    return found.st_ino;
}

TEST(ServerNews, AreHeardInTheirOrderAndNotWaitedFor) {
    auto const sockets = NewsSockets::open();
    EXPECT_TRUE(tell(sockets.servers.fd(), {.pid = 5, .figures = ServerFigures{.goals_kept = 3}}));
    EXPECT_TRUE(tell(sockets.servers.fd(), {.pid = 5, .is_ready = true}));
    auto const first = hear(sockets.supervisor.fd());
    ASSERT_TRUE(first);
    EXPECT_EQ(first->pid, 5);
    EXPECT_FALSE(first->is_ready);
    EXPECT_EQ(first->figures->goals_kept, 3U);
    EXPECT_TRUE(hear(sockets.supervisor.fd())->is_ready);
    EXPECT_EQ(hear(sockets.supervisor.fd()), std::nullopt);
}

TEST(ServerNews, ListenersArriveAsTheSameSocketsClosedByAnExecve) {
    auto const sockets = NewsSockets::open();
    Listeners listeners;
    listeners.api.push_back(memory_file("api"));
    listeners.api.push_back(memory_file("api"));
    listeners.admin = memory_file("admin");
    listeners.redirect = memory_file("redirect");
    listeners.api_port = 9090;
    ASSERT_TRUE(tell(sockets.servers.fd(), {.pid = 5, .listeners = describe(listeners)}));
    auto const news = hear(sockets.supervisor.fd());
    ASSERT_TRUE(news && news->listeners);
    auto const heard = own(*news->listeners);
    ASSERT_EQ(heard.api.size(), 2U);
    EXPECT_NE(heard.api[0].fd(), listeners.api[0].fd());
    EXPECT_EQ(inode(heard.api[1].fd()), inode(listeners.api[1].fd()));
    EXPECT_EQ(inode(heard.admin.fd()), inode(listeners.admin.fd()));
    EXPECT_EQ(inode(heard.redirect.fd()), inode(listeners.redirect.fd()));
    EXPECT_EQ(::fcntl(heard.admin.fd(), F_GETFD), FD_CLOEXEC);
    EXPECT_EQ(heard.api_port, 9090);
}

TEST(ServerNews, ListenersThatAreNotAllThereArriveToo) {
    auto const sockets = NewsSockets::open();
    Listeners listeners;
    listeners.api.push_back(memory_file("api"));
    listeners.redirect = memory_file("redirect");
    ASSERT_TRUE(tell(sockets.servers.fd(), {.pid = 5, .listeners = describe(listeners)}));
    auto const news = hear(sockets.supervisor.fd());
    ASSERT_TRUE(news && news->listeners);
    auto const heard = own(*news->listeners);
    EXPECT_FALSE(heard.admin);
    EXPECT_EQ(inode(heard.redirect.fd()), inode(listeners.redirect.fd()));
}

TEST(ServerNews, WhatIsNoNewsIsLeftOut) {
    auto const sockets = NewsSockets::open();
    for (std::string_view const text :
         {"garbage", R"({"pid":"x"})", R"({"pid":1,"listeners":{"api":[4]}})"}) {
        ASSERT_EQ(::send(sockets.servers.fd(), text.data(), text.size(), 0),
                  static_cast<ssize_t>(text.size()));
    }
    tell(sockets.servers.fd(), {.pid = 6});
    EXPECT_EQ(hear(sockets.supervisor.fd())->pid, 6);
}

TEST(ServerNews, ThatFindNoRoomAreNotTold) {
    auto const sockets = NewsSockets::open();
    int told = 0;
    while (told < 100'000 && tell(sockets.servers.fd(), {.pid = told})) {
        ++told;
    }
    EXPECT_LT(told, 100'000);
    EXPECT_EQ(hear(sockets.supervisor.fd())->pid, 0);
}

}  // namespace
}  // namespace brio::app

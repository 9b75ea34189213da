// TCP listeners and socket options. Throws std::system_error with what was tried, the address and what to do.
#pragma once
#include <cstdint>
#include <string>

#include <brio/runtime/file.hpp>

namespace brio::runtime {

struct Address {
    std::string host;  // a numeric IPv4 or IPv6 address
    std::uint16_t port = 0;
};

/// A non-blocking listener with SO_REUSEPORT: several threads each have their own on one address, and the
/// kernel spreads connections over them. Port 0 takes a free one.
File listen_on(const Address& address, int backlog = 1024);

/// The same for one thread of one program: without SO_REUSEPORT, so that a port which another has is an
/// error.
File listen_alone(const Address& address, int backlog = 128);

/// The port a listener has.
std::uint16_t port_of(const File& listener);

/// An accepted, non-blocking connection with TCP_NODELAY, or none when nobody waits; throws when out of
/// descriptors.
File accept_from(int listener);

}  // namespace brio::runtime

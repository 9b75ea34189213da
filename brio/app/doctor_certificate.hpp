// What `doctor` says of the certificate that the API's port has.
#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include <brio/app/doctor.hpp>
#include <brio/http/server_tls.hpp>

namespace brio::app {

/// Of its file and, when it can be used, of what it says. It should be renewed two weeks before it expires.
Finding judge_certificate(std::string_view file,
                          const std::expected<http::TlsCertificate, std::string>& found, WallTime now);
/// `mode`: of stat(2).
Finding judge_key_file(std::string_view file, std::uint32_t mode);

/// Reads the files.
void examine_certificate(std::vector<Finding>& findings, const http::TlsOptions& options);

}  // namespace brio::app

#include <brio/app/doctor_certificate.hpp>

#include <sys/stat.h>

#include <brio/base/text.hpp>

namespace brio::app {
namespace {

using enum Finding::Verdict;

std::string day_of(WallTime time) {
    std::chrono::year_month_day const day(std::chrono::floor<std::chrono::days>(time));
    auto const two_digits = [](unsigned number) {
        return concat({number < 10 ? "0" : "", integer_text(number)});
    };
    return concat({integer_text(static_cast<int>(day.year())), "-",
                   two_digits(static_cast<unsigned>(day.month())), "-",
                   two_digits(static_cast<unsigned>(day.day()))});
}

}  // namespace

Finding judge_certificate(std::string_view file,
                          const std::expected<http::TlsCertificate, std::string>& found, WallTime now) {
    constexpr std::chrono::days soon{14};
    if (!found) {
        return {wrong, "certificate", found.error()};
    }
    auto const is_of =
        concat({file, " is of ", found->names.empty() ? found->subject : found->names, ", ", found->key});
    auto const until = day_of(found->not_after);
    if (found->not_after <= now) {
        return {wrong, "certificate",
                concat({is_of, "; it expired on ", until, ": renew it, clients refuse it"})};
    }
    if (found->not_before > now) {
        return {wrong, "certificate",
                concat({is_of, "; it is not valid before ", day_of(found->not_before),
                        ": look at this machine's clock too"})};
    }
    if (found->names.empty()) {
        return {note, "certificate",
                concat({is_of, "; it has no names (subjectAltName), so clients refuse it"})};
    }
    auto const left = std::chrono::floor<std::chrono::days>(found->not_after - now);
    auto const words = concat({is_of, "; it expires on ", until, ", in ", integer_text(left.count()),
                               left.count() == 1 ? " day" : " days"});
    return left < soon ? Finding{note, "certificate", concat({words, ": renew it"})}
                       : Finding{well, "certificate", words};
}

Finding judge_key_file(std::string_view file, std::uint32_t mode) {
    constexpr std::uint32_t of_others = 07;
    return (mode & of_others) == 0
               ? Finding{well, "key", concat({file, " is closed to other users"})}
               : Finding{note, "key",
                         concat({file, " can be read or changed by every user of this machine: chmod 600 ",
                                 file})};
}

void examine_certificate(std::vector<Finding>& findings, const http::TlsOptions& options) {
    findings.push_back(judge_certificate(options.certificate, http::examine_tls(options), wall_now()));
    auto const& key = options.key.empty() ? options.certificate : options.key;
    struct stat found{};
    if (::stat(key.c_str(), &found) == 0) {
        findings.push_back(judge_key_file(key, found.st_mode));
    }
}

}  // namespace brio::app

#include <brio/base/html.hpp>

#include <gtest/gtest.h>

namespace brio {
namespace {

TEST(EscapeHtml, NothingCanEndATextOrAnAttribute) {
    EXPECT_EQ(escape_html(R"(<a href="x">'&'</a>)"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
    EXPECT_EQ(escape_html("größer als 1 €"), "größer als 1 €");
}

}  // namespace
}  // namespace brio

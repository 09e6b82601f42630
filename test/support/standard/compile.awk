# Makes a source of a table of supported members: it compiles only if all of them exist.
#
#   awk -f compile.awk atomic.txt >atomic_table.cpp
#
# A member is named by a using-declaration in a class derived from its own, which works for overloads and operators too.

function type_of(name) {
    sub(/[<:].*/, "", name)
    return name
}

BEGIN {
    FS = " [|]( |$)"
    concrete["atomic<T>"] = "atomic<int>"
    concrete["atomic<T*>"] = "atomic<int*>"
    concrete["atomic<floating>"] = "atomic<double>"
    concrete["atomic<shared_ptr<T>>"] = "atomic<std::shared_ptr<int>>"
    concrete["atomic<weak_ptr<T>>"] = "atomic<std::weak_ptr<int>>"
    concrete["atomic_ref<T>"] = "atomic_ref<int>"
    concrete["promise<R>"] = "promise<int>"
    concrete["promise<R&>"] = "promise<int&>"
    concrete["future<R>"] = "future<int>"
    concrete["shared_future<R>"] = "shared_future<int>"
    concrete["packaged_task<R(Args...)>"] = "packaged_task<int(char)>"
    concrete["stop_callback<Callback>"] = "stop_callback<void (*)()>"
    constructed["from nostopstate"] = "std::nostopstate_t"
    constructed["from a token and a callback"] = "cppvaldi::stop_token, void (*)()"
    constructed["from an allocator"] = "std::allocator_arg_t, std::allocator<char>"
    constructed["from a callable"] = "int (*)(char), char"
    constructed["from a callable with a token"] = "int (*)(cppvaldi::stop_token, char), char"
    constructed["packaged_task from a callable"] = "int (*)(char)"
    print "#include <cppvaldi/cppvaldi.hpp>\n#include <concepts>\n#include <memory>\n#include <type_traits>\nnamespace {"
}

/^#/ || NF == 0 { next }
NF < 2 || $2 !~ /^(same|differs|missing)$/ { print "#error \"" FILENAME ":" FNR ": not a row: " $0 "\""; next }
$2 == "differs" && $3 == "" { print "#error \"" FILENAME ":" FNR ": what differs?\""; next }
$2 == "missing" { next }

{
    print "#line " FNR " \"" FILENAME "\""
    ++row
    if (match($1, /::[^:]*$/) && $1 !~ /^std::/) {
        type = substr($1, 1, RSTART - 1)
        member = substr($1, RSTART + 2)
        type = "cppvaldi::" (type in concrete ? concrete[type] : type)
        value = type ~ /_ref</ ? "int&" : "typename " type "::value_type"
        if (member == "(default constructor)") print "static_assert(std::is_default_constructible_v<" type ">);"
        else if (member == "(constructor from a value)") print "static_assert(std::is_constructible_v<" type ", " value ">);"
        else if (member == "(constructor from nullptr)") print "static_assert(std::is_constructible_v<" type ", std::nullptr_t>);"
        else if (member ~ /^[(]constructor /) {
            from = substr(member, 14, length(member) - 14)
            if ((type_of($1) " " from) in constructed) from = type_of($1) " " from
            if (!(from in constructed)) print "#error \"" FILENAME ":" FNR ": what constructor?\""
            print "static_assert(std::is_constructible_v<" type ", " constructed[from] ">);"
        }
        else if (member ~ /^~/) print "static_assert(std::is_nothrow_destructible_v<" type ">);"
        else if (member == "operator==") print "static_assert(std::equality_comparable<" type ">);"
        else if (member == "operator T") print "static_assert(std::is_convertible_v<const " type "&, " type "::value_type>);"
        else print "struct row_" row " : " type " { using " type "::" member "; };"
    } else if ($1 ~ /^[A-Z_0-9]+$/) {
        print "#ifndef " $1 "\n#error \"" $1 " is not defined\"\n#endif"
    } else {
        print "namespace row_" row " { using cppvaldi::" $1 "; }"
    }
}

END { print "} // namespace" }

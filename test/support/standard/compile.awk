# Makes a source of a table of supported members: it compiles only if all of them exist.
#
#   awk -f compile.awk atomic.txt >atomic_table.cpp
#
# The first line of a table is its title, all others are rows: member | same, differs or missing | remark. standard.cpp, in
# test/objects, makes lib/STANDARD.md of them.
#
# A member is named by a using-declaration in a class derived from its own, which works for overloads and operators too. A
# function whose parameters are given is called: `swap(thread&, thread&)`, `operator==(thread::id, thread::id)`.

# Returns a call of `name` with values of these types, written as operators are where it is one.
function called(name, types,    each, count, values) {
    count = split(types, each, /, */)
    for (position = 1; position <= count; ++position) values[position] = "std::declval<" each[position] ">()"
    if (name ~ /^operator/) return values[1] " " substr(name, 9) " " values[2]
    arguments = ""
    for (position = 1; position <= count; ++position) arguments = arguments (position > 1 ? ", " : "") values[position]
    return name "(" arguments ")"
}

BEGIN {
    FS = " [|]( |$)"
    concrete["atomic<T>"] = "atomic<int>"
    concrete["atomic<T*>"] = "atomic<int*>"
    concrete["atomic<floating>"] = "atomic<double>"
    concrete["atomic<shared_ptr<T>>"] = "atomic<std::shared_ptr<int>>"
    concrete["atomic<weak_ptr<T>>"] = "atomic<std::weak_ptr<int>>"
    concrete["atomic_ref<T>"] = "atomic_ref<int>"
    concrete["counting_semaphore<N>"] = "counting_semaphore<5>"
    concrete["barrier<F>"] = "barrier<>"
    concrete["barrier<F>::arrival_token"] = "barrier<>::arrival_token"
    concrete["barrier<completion>"] = "barrier<void (*)() noexcept>"
    concrete["lock_guard<M>"] = "lock_guard<timed_mutex>"
    concrete["unique_lock<M>"] = "unique_lock<timed_mutex>"
    concrete["scoped_lock<M>"] = "scoped_lock<timed_mutex>"
    concrete["shared_lock<M>"] = "shared_lock<shared_timed_mutex>"
    concrete["promise<R>"] = "promise<int>"
    concrete["promise<R&>"] = "promise<int&>"
    concrete["future<R>"] = "future<int>"
    concrete["shared_future<R>"] = "shared_future<int>"
    concrete["future<R&>"] = "future<int&>"
    concrete["shared_future<R&>"] = "shared_future<int&>"
    concrete["packaged_task<R(Args...)>"] = "packaged_task<int(char)>"
    concrete["stop_callback<Callback>"] = "stop_callback<void (*)()>"
    print "#include <cppvaldi/cppvaldi.hpp>\n#include <concepts>\n#include <memory>\n#include <ostream>\n#include <type_traits>\n#include <utility>\nnamespace cppvaldi {\nnamespace {"
}

/^#/ || NF == 0 { next }
NF < 2 || $2 !~ /^(same|differs|missing)$/ { print "#error \"" FILENAME ":" FNR ": not a row: " $0 "\""; next }
$2 == "differs" && $3 == "" { print "#error \"" FILENAME ":" FNR ": what differs?\""; next }

{
    print "#line " FNR " \"" FILENAME "\""
    ++row
}

# What is missing, of a class, is not there.
$2 == "missing" && $1 ~ /^chrono::/ { next }
$2 == "missing" {
    match($1, /::[^:(]*$/)
    member = substr($1, RSTART + 2)
    print "template <typename T> concept row_" row " = requires { &T::" member "; } || requires { typename T::" member "; };"
    print "static_assert(!row_" row "<" substr($1, 1, RSTART - 1) ">);"
    next
}

{
    constructor = index($1, "::(constructor from ")
    if (constructor && $1 !~ /\(constructor from (a value|nullptr)\)$/) {
        type = substr($1, 1, constructor - 1)
        type = type in concrete ? concrete[type] : type
        count = split(substr($1, constructor + 20, length($1) - constructor - 20), each, /, */)
        arguments = ""
        for (position = 1; position <= count; ++position) arguments = arguments ", " each[position]
        print "static_assert(std::is_constructible_v<cppvaldi::" type arguments ">);"
    } else if ($1 ~ /^std::/) {
        print "static_assert(sizeof(" $1 ") > 0);"
    } else if ($1 ~ /^(this_thread|chrono)::/) {
        print "namespace row_" row " { using cppvaldi::" $1 "; }"
    } else if (match($1, /^(operator[^:(]+|[^:(<]+)\(/)) {
        print "using row_" row " = decltype(" called(substr($1, 1, RLENGTH - 1), substr($1, RLENGTH + 1, length($1) - RLENGTH - 1)) ");"
    } else if (match($1, /::[^:]*$/)) {
        type = substr($1, 1, RSTART - 1)
        member = substr($1, RSTART + 2)
        type = "cppvaldi::" (type in concrete ? concrete[type] : type)
        value = type ~ /_ref</ ? "int&" : "typename " type "::value_type"
        if (member == "(default constructor)") print "static_assert(std::is_default_constructible_v<" type ">);"
        else if (member == "(constructor from a value)") print "static_assert(std::is_constructible_v<" type ", " value ">);"
        else if (member == "(constructor from nullptr)") print "static_assert(std::is_constructible_v<" type ", std::nullptr_t>);"
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

END { print "} // namespace\n} // namespace cppvaldi" }

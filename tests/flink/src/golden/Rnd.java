package golden;

import java.util.Random;

/** Values that follow from a seed and the place where they are used, and look like what real jobs keep. */
final class Rnd extends Random {
    private static final String[] WORDS = {
        "", "a", "order", "ünïcode", "Σίσυφος", "日本語", "emoji \uD83D\uDE80", "tab\tnewline\n", "quote\"\\", "nul\u0000byte",
        "\u007f\u0080\u07ff\u0800\uffff", "a rather long text that does not fit into a few bytes, as descriptions are"
    };

    Rnd(long seed, String place, long n) {
        super(seed * 0x9e3779b97f4a7c15L ^ (long) place.hashCode() << 32 ^ n * 0xbf58476d1ce4e5b9L);
        nextLong();
    }

    String text() {
        String word = pick(WORDS);
        return nextBoolean() ? word : word + nextInt(1000);
    }

    boolean oneIn(int n) {
        return nextInt(n) == 0;
    }

    /** Null now and then. */
    <T> T orNull(T value) {
        return oneIn(4) ? null : value;
    }

    @SafeVarargs
    final <T> T pick(T... of) {
        return of[nextInt(of.length)];
    }

    /** Numbers of all sizes and both signs. */
    long whole() {
        return oneIn(6) ? pick(0L, 1L, -1L, Long.MIN_VALUE, Long.MAX_VALUE) : nextLong() >> nextInt(63);
    }

    double real() {
        return oneIn(6)
                ? pick(0.0, -0.0, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.MIN_VALUE)
                : whole() / 1000.0;
    }
}

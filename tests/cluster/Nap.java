import org.apache.flink.table.functions.ScalarFunction;

/** nap(micros, value): the value, after so long. A job is as slow as we like and costs no CPU. */
public class Nap extends ScalarFunction {
    private long owed;

    public Long eval(Integer micros, Long value) throws InterruptedException {
        owed += micros;
        if (owed >= 1000) {
            Thread.sleep(owed / 1000);
            owed %= 1000;
        }
        return value;
    }

    @Override
    public boolean isDeterministic() {
        return false; // not to be computed once, or elsewhere
    }
}

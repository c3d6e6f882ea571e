package golden;

import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.CopyableValue;
import org.apache.flink.types.Value;

/** The user classes of the goldens' jobs. Fields are filled by {@link Cases}. */
public final class Model {
    private Model() {}

    public enum Level { LOW, MEDIUM, HIGH }

    /** Constants with a body are of classes of their own. */
    public enum Shape {
        ROUND,
        SQUARE {
            @Override
            int corners() {
                return 4;
            }
        };

        int corners() {
            return 0;
        }
    }

    /** A POJO with every kind of field that may be null. */
    public static class Person {
        public boolean active;
        public byte tiny;
        public short small;
        public int age;
        public long id;
        public float ratio;
        public double score;
        public char initial;
        public Integer boxed;
        public Long boxedLong;
        public String name;
        public Level level;
        public BigDecimal balance;
        public Instant created;
        public LocalDate born;
        public byte[] blob;
        public int[] marks;
        public String[] tags;
        public List<String> notes;
        public Map<String, Integer> counts;
        public Address address;
        public Tuple2<String, Integer> pair;
    }

    public static class Address {
        public String city;
        public int zip;

        @Override
        public boolean equals(Object o) {
            return o instanceof Address && zip == ((Address) o).zip && Objects.equals(city, ((Address) o).city);
        }

        @Override
        public int hashCode() {
            return 31 * zip + Objects.hashCode(city);
        }
    }

    /** With subclasses: {@link Car} is registered, {@link Bike} is not. */
    public static class Vehicle {
        public String maker;
        public int wheels;
    }

    public static class Car extends Vehicle {
        public Long mileage;
    }

    public static class Bike extends Vehicle {
        public boolean electric;
        public Address shop;
    }

    /** A POJO whose fields Flink leaves to Kryo. */
    public static class Mixed {
        public Object anything;
        public java.util.UUID uuid;
        public java.util.ArrayList<String> list;
    }

    /** No POJO (no default constructor in Flink's sense), so Kryo's. */
    public static class Opaque {
        private int number;
        private String text;
        private Long boxed;
        private long[] values;

        @SuppressWarnings("unused")
        private Opaque() {}

        Opaque(int number, String text, Long boxed, long[] values) {
            this.number = number;
            this.text = text;
            this.boxed = boxed;
            this.values = values;
        }
    }

    /** The same, registered with Kryo. */
    public static class Registered {
        private String name;
        private double weight;

        @SuppressWarnings("unused")
        private Registered() {}

        Registered(String name, double weight) {
            this.name = name;
            this.weight = weight;
        }
    }

    /** Written by itself. */
    public static class Point implements Value {
        public int x;
        public String label = "";

        @Override
        public void write(DataOutputView out) throws IOException {
            out.writeInt(x);
            out.writeUTF(label);
        }

        @Override
        public void read(DataInputView in) throws IOException {
            x = in.readInt();
            label = in.readUTF();
        }
    }

    /** Written by itself, and copied in binary form. */
    public static class Span implements CopyableValue<Span> {
        public long from;
        public long to;

        @Override
        public int getBinaryLength() {
            return 16;
        }

        @Override
        public void copyTo(Span target) {
            target.from = from;
            target.to = to;
        }

        @Override
        public Span copy() {
            Span copy = new Span();
            copyTo(copy);
            return copy;
        }

        @Override
        public void copy(DataInputView source, DataOutputView target) throws IOException {
            target.write(source, 16);
        }

        @Override
        public void write(DataOutputView out) throws IOException {
            out.writeLong(from);
            out.writeLong(to);
        }

        @Override
        public void read(DataInputView in) throws IOException {
            from = in.readLong();
            to = in.readLong();
        }
    }
}

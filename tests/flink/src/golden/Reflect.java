package golden;

import java.lang.reflect.Field;

/** Fields that Flink keeps to itself. */
final class Reflect {
    private Reflect() {}

    static Object get(Object of, String name) {
        for (Class<?> c = of.getClass(); c != null; c = c.getSuperclass()) {
            try {
                Field field = c.getDeclaredField(name);
                field.setAccessible(true);
                return field.get(of);
            } catch (NoSuchFieldException e) {
                continue;
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(e);
            }
        }
        throw new IllegalStateException("no field " + name + " in " + of.getClass());
    }
}

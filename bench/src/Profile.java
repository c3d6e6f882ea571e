/** The benchmark's POJO: what a customer-facing job keeps of one user. */
public class Profile {
    public long id;
    public int visits;
    public double score;
    public String name;
    public String email;
    public String city;

    public Profile() {}
}

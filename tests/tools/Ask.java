import java.sql.DriverManager;

/** Asks one question of a database by JDBC: the URL, the question; prints the first row, columns apart by blanks. */
class Ask {
    public static void main(String[] told) throws Exception {
        try (var connection = DriverManager.getConnection(told[0]);
                var rows = connection.createStatement().executeQuery(told[1])) {
            rows.next();
            for (int column = 1; column <= rows.getMetaData().getColumnCount(); column++) {
                System.out.print(rows.getString(column) + " ");
            }
        }
    }
}

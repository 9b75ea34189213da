// The reference service's list and show on PostgreSQL, and answers from memory, by Go's net/http and lib/pq:
//
//	service PORT [-pad N] [-body FILE] [-database postgresql://…]
//
// -pad makes the answer of /healthz longer; -body is a page that is kept, by the whole target, for 300 s;
// -database reads pages and rows, with prepared statements on a pool that was measured (16 connections).
package main

import (
	"database/sql"
	"encoding/json"
	"flag"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	_ "github.com/lib/pq"
)

const poolSize = 16

type owner struct {
	ID    int64  `json:"id"`
	Email string `json:"email"`
	Name  string `json:"name"`
}
type resource struct {
	ID          int64     `json:"id"`
	OwnerID     int64     `json:"owner_id"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Status      string    `json:"status"`
	CreatedAt   time.Time `json:"created_at"`
	Version     int64     `json:"version"`
	Owner       owner     `json:"owner"`
}
type page struct {
	Items      []resource `json:"items"`
	Total      *int64     `json:"total"`
	Page       int        `json:"page"`
	PageSize   int        `json:"page_size"`
	Pages      *int64     `json:"pages"`
	NextCursor *string    `json:"next_cursor"`
}

const columns = "r.id, r.owner_id, r.name, r.description, r.status, r.created_at, r.version, u.email, u.name"

func main() {
	port := os.Args[1]
	flags := flag.NewFlagSet("service", flag.ExitOnError)
	pad := flags.Int("pad", 0, "characters that make the answer of /healthz longer")
	body := flags.String("body", "", "file of a page that is kept")
	database := flags.String("database", "", "URL of PostgreSQL")
	if err := flags.Parse(os.Args[2:]); err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", health(*pad))
	if *body != "" {
		mux.HandleFunc("/api/resources", kept(*body))
	}
	if *database != "" {
		serveRows(mux, *database)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.Serve(listener, mux))
}

func health(pad int) http.HandlerFunc {
	type answer struct {
		Status string `json:"status"`
		Pad    string `json:"pad,omitempty"`
	}
	value := answer{Status: "ok", Pad: strings.Repeat("x", pad)}
	return func(w http.ResponseWriter, _ *http.Request) { write(w, value) }
}

func kept(file string) http.HandlerFunc {
	type entry struct {
		body  []byte
		until time.Time
	}
	var lock sync.RWMutex
	entries := map[string]entry{}
	return func(w http.ResponseWriter, r *http.Request) {
		lock.RLock()
		found, there := entries[r.RequestURI]
		lock.RUnlock()
		if !there || found.until.Before(time.Now()) {
			body, err := os.ReadFile(file)
			if err != nil {
				http.Error(w, "the page cannot be read", http.StatusInternalServerError)
				return
			}
			found = entry{body, time.Now().Add(300 * time.Second)}
			lock.Lock()
			entries[r.RequestURI] = found
			lock.Unlock()
		}
		send(w, found.body)
	}
}

func serveRows(mux *http.ServeMux, url string) {
	db, err := sql.Open("postgres", url)
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(poolSize)
	db.SetMaxIdleConns(poolSize)
	pages := prepare(db, "SELECT "+columns+" FROM (SELECT * FROM resources ORDER BY id LIMIT $1 OFFSET $2) r "+
		"JOIN users u ON u.id = r.owner_id ORDER BY r.id")
	points := prepare(db, "SELECT "+columns+" FROM resources r JOIN users u ON u.id = r.owner_id WHERE r.id = $1")
	mux.HandleFunc("/api/resources", func(w http.ResponseWriter, r *http.Request) { list(w, r, pages) })
	mux.HandleFunc("/api/resources/", func(w http.ResponseWriter, r *http.Request) { show(w, r, points) })
}

func prepare(db *sql.DB, text string) *sql.Stmt {
	statement, err := db.Prepare(text)
	if err != nil {
		log.Fatal(err)
	}
	return statement
}

func list(w http.ResponseWriter, r *http.Request, pages *sql.Stmt) {
	query := r.URL.Query()
	number, size := positive(query.Get("page"), 1), min(positive(query.Get("page_size"), 20), 100)
	if number == 0 || size == 0 || query.Get("total") != "none" {
		http.Error(w, "page and page_size are at least 1, total is none", http.StatusUnprocessableEntity)
		return
	}
	rows, err := pages.Query(size+1, (number-1)*size)
	if err != nil {
		fail(w, err)
		return
	}
	defer rows.Close()
	found := page{Items: make([]resource, 0, size), Page: number, PageSize: size}
	for rows.Next() {
		if len(found.Items) == size {
			last := strconv.FormatInt(found.Items[size-1].ID, 10)
			found.NextCursor = &last
			break
		}
		item, err := read(rows.Scan)
		if err != nil {
			fail(w, err)
			return
		}
		found.Items = append(found.Items, item)
	}
	if err := rows.Err(); err != nil {
		fail(w, err)
		return
	}
	write(w, found)
}

func show(w http.ResponseWriter, r *http.Request, points *sql.Stmt) {
	id, err := strconv.ParseInt(strings.TrimPrefix(r.URL.Path, "/api/resources/"), 10, 64)
	if err != nil {
		http.Error(w, "an id is a number", http.StatusUnprocessableEntity)
		return
	}
	item, err := read(points.QueryRow(id).Scan)
	if err == sql.ErrNoRows {
		http.Error(w, "there is none", http.StatusNotFound)
	} else if err != nil {
		fail(w, err)
	} else {
		write(w, item)
	}
}

func read(scan func(...any) error) (resource, error) {
	var r resource
	err := scan(&r.ID, &r.OwnerID, &r.Name, &r.Description, &r.Status, &r.CreatedAt, &r.Version, &r.Owner.Email,
		&r.Owner.Name)
	r.Owner.ID = r.OwnerID
	return r, err
}

func positive(text string, usual int) int {
	if text == "" {
		return usual
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < 1 {
		return 0
	}
	return value
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}

func fail(w http.ResponseWriter, err error) {
	log.Print(err)
	http.Error(w, "the database did not answer", http.StatusInternalServerError)
}

func write(w http.ResponseWriter, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		fail(w, err)
		return
	}
	send(w, text)
}

func send(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if _, err := w.Write(body); err != nil {
		log.Print(err)
	}
}

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

const templateColumns = `t.id, t.name, t.roles, t.cards`

func scanTemplate(row scanner) (interview.Template, error) {
	var t interview.Template
	var roles, cards string
	if err := row.Scan(&t.ID, &t.Name, &roles, &cards); err != nil {
		return t, known(err)
	}
	var err error
	if t.Roles, err = decode[[]string](roles); err != nil {
		return t, err
	}
	t.Cards, err = decode[[]interview.TemplateCard](cards)
	return t, err
}

// Templates lists the run-sheet templates by name, the default one first; it
// is built in until somebody edits it.
func (s *Store) Templates(ctx context.Context) ([]interview.Template, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+templateColumns+` FROM templates t ORDER BY t.id <> ?, t.name, t.id`, interview.DefaultTemplate)
	list, err := collect(rows, err, func(rows *sql.Rows) (interview.Template, error) { return scanTemplate(rows) })
	if err != nil {
		return nil, fmt.Errorf("reading the templates: %w", err)
	}
	if len(list) == 0 || list[0].ID != interview.DefaultTemplate {
		list = append([]interview.Template{interview.BuiltIn()}, list...)
	}
	return list, nil
}

// TemplateFor returns the template that candidates for a role get.
func (s *Store) TemplateFor(ctx context.Context, role string) (interview.Template, error) {
	t, err := templateFor(ctx, s.read, role)
	if err != nil {
		return t, fmt.Errorf("reading the template for a role: %w", err)
	}
	return t, nil
}

func templateFor(ctx context.Context, q querier, role string) (interview.Template, error) {
	t, err := scanTemplate(q.QueryRowContext(ctx, `SELECT `+templateColumns+` FROM templates t
		LEFT JOIN template_roles r ON r.template = t.id AND r.role = ?
		WHERE r.role IS NOT NULL OR t.id = ? ORDER BY r.role IS NULL LIMIT 1`, interview.RoleKey(role), interview.DefaultTemplate))
	if errors.Is(err, ErrNotFound) {
		return interview.BuiltIn(), nil
	}
	return t, err
}

// SaveTemplate adds or replaces a template, with entries. The caller validates.
// A role that another template has already is a field error.
func (s *Store) SaveTemplate(ctx context.Context, t interview.Template, entries ...evidence.NewEntry) error {
	roles, err := encode(notNil(t.Roles))
	if err != nil {
		return err
	}
	cards, err := encode(notNil(t.Cards))
	if err != nil {
		return err
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO templates (id, name, roles, cards, changed_ms) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, roles = excluded.roles, cards = excluded.cards, changed_ms = excluded.changed_ms`,
			t.ID, t.Name, roles, cards, s.Now().UnixMilli())
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM template_roles WHERE template = ?`, t.ID); err != nil {
			return err
		}
		for _, r := range t.Roles {
			var other string
			switch err := tx.QueryRowContext(ctx, `SELECT t.name FROM template_roles r JOIN templates t ON t.id = r.template WHERE r.role = ?`, interview.RoleKey(r)).Scan(&other); {
			case err == nil:
				return interview.Invalid("roles", "has %q, which has the run-sheet %q already; take it out there first", r, other)
			case !errors.Is(err, sql.ErrNoRows):
				return err
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO template_roles (role, template) VALUES (?, ?)`, interview.RoleKey(r), t.ID); err != nil {
				return err
			}
		}
		return s.appendTx(ctx, tx, entries)
	})
	if err != nil {
		return fmt.Errorf("saving a template: %w", err)
	}
	return nil
}

// DeleteTemplate deletes a template, with entries; interviews that were drawn
// from it keep their cards. Deleting the default one brings back the built-in.
func (s *Store) DeleteTemplate(ctx context.Context, id string, entries ...evidence.NewEntry) error {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM template_roles WHERE template = ?`, id); err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, `DELETE FROM templates WHERE id = ?`, id)
		if err := oneRow(done, err, "template %q: %w", id, ErrNotFound); err != nil {
			return err
		}
		return s.appendTx(ctx, tx, entries)
	})
	if err != nil {
		return fmt.Errorf("deleting a template: %w", err)
	}
	return nil
}

// RunSheet is what the log says of an interview's cards and steps.
func (s *Store) RunSheet(ctx context.Context, interviewID string) (evidence.RunSheet, error) {
	sheet := evidence.NewRunSheet()
	entries, err := s.Entries(ctx, EntryQuery{Interview: interviewID, Kinds: evidence.RunSheetEntries})
	if err != nil {
		return sheet, err
	}
	for _, e := range entries {
		if err := sheet.Add(e); err != nil {
			return sheet, fmt.Errorf("reading the run-sheet of %q: %w", interviewID, err)
		}
	}
	return sheet, nil
}

// OpenRunSheet is for the opening of an interview's room: before the call it
// draws the cards, if that has not been done from the role's template as it is
// now, and writes the draw to the log. Once the call has begun nothing is drawn.
func (s *Store) OpenRunSheet(ctx context.Context, interviewID string) (evidence.RunSheet, error) {
	sheet, err := s.RunSheet(ctx, interviewID)
	if err != nil {
		return sheet, err
	}
	var drawn bool
	err = s.tx(ctx, func(tx *sql.Tx) error {
		iv, err := scanInterview(tx.QueryRowContext(ctx, `SELECT `+interviewColumns+` FROM interviews i WHERE i.id = ?`, interviewID))
		if err != nil || iv.State != interview.Planned {
			return err
		}
		t, err := templateFor(ctx, tx, iv.Role)
		if err != nil || sheet.Template == t.ID && sheet.TemplateSHA256 == t.Hash() {
			return err
		}
		p, part, err := interview.Draw(t)
		if err != nil {
			return err
		}
		drawn = true
		return s.appendTx(ctx, tx, []evidence.NewEntry{{Interview: interviewID, Actor: evidence.System, Kind: evidence.EntryCardsDrawn, Payload: p, Part: part}})
	})
	if err != nil {
		return sheet, fmt.Errorf("drawing the cards of interview %q: %w", interviewID, err)
	}
	if drawn {
		return s.RunSheet(ctx, interviewID)
	}
	return sheet, nil
}
